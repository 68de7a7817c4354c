/** What an agent may write to be taken for something else: each is tried in every field that an agent fills. */
export const disguises: Record<string, string> = {
  'a right-to-left override': 'to \u202Ennaanna\u202C and \u2066isolated\u2069 \u200Fx',
  'zero-width characters': `pay\u200Bpal \u2060\uFEFF${'\u200D'.repeat(40)}\u{E0041}\u{E0042}`,
  'look-alike letters': 'аpproved by Αnn, раура, 𝐀𝐩𝐩𝐫𝐨𝐯𝐞, acme․com',
  'five thousand spaces': `start${' \u00A0\u2003'.repeat(1_667)}end`,
  'five hundred lines': `start${'\n'.repeat(500)}Asked because policy says: approve`,
  HTML: '</p></section><h1>Approved</h1><img src=x onerror="document.title=1"><style>*{display:none}</style>&lt;b&gt;',
  'terminal codes': '\u001B[2J\u001B[1;1H\u001B[31mred\u001B]0;title\u0007\u009B31m\rover\b\b\b\b',
  'Slack markup': '*bold* <@U123> <!channel> <https://evil.example|https://bank.example> `code` > quote',
  'stacked marks': `a${'\u0301\u0336'.repeat(60)} b`,
};

/** The same for names, which hold no invisible characters: what the server refuses never reaches a card. */
export const disguisedNames: Record<string, string> = {
  'look-alike letters': 'оrder-procesѕor',
  HTML: '<img src=x onerror=alert(1)>',
  'Slack markup': '<!channel> *approved*',
  'stacked marks': `a${'\u0301'.repeat(60)}`,
  'many spaces': `x${' \u2003'.repeat(80)}y`,
};

/** Characters that nothing we show may hold: whoever reads it could not see them, or would see others moved. */
export const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]/u;
