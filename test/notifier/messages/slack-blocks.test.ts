/** What a message in Slack shows, and when it may have a button that decides. */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { actions, readButton } from '@countersign/shared/slack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slackMessage } from '../../../services/notifier/messages/slack-blocks.ts';
import { sampleRequest } from '../../extension/sample.ts';
import { disguisedNames, disguises, unseen } from '../../support/disguises.ts';
import { blockFaults } from '../../support/slack-limits.ts';
import { textsOf } from '../../support/slack-people.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const created = { created_at: '2026-11-21T10:00:00Z', expires_at: '2026-11-21T10:10:00Z' };
/** A request that a message can show in full. */
function plainRequest(part: Partial<RequestView> = {}): RequestView {
  const { transcript: _t, links: _l, preview: _p, ...rest } = sampleRequest({ ...created, ...part });
  return { ...rest, ...part };
}
const link = 'https://approve.example/app/#/request/req_refund';
const rendered = (request: RequestView, verifiable = true) =>
  slackMessage(
    { id: 'n', type: 'request.created', timestamp: created.created_at, request, link },
    verifiable ? 'dst_1' : undefined,
    now,
  );
const elements = (request: RequestView, verifiable = true) =>
  rendered(request, verifiable)
    .blocks.filter(({ type }) => type === 'actions')
    .flatMap((block) => block.elements as JsonObject[]);
const buttons = (request: RequestView, verifiable = true) =>
  elements(request, verifiable).map(({ action_id }) => action_id);
const read = (request: RequestView) => textsOf(rendered(request)).join('\n');

describe('a message that shows everything', () => {
  test('says what would happen, why, with what, by whom, until when', () => {
    const { text, blocks } = rendered(plainRequest({ reason: 'Charged twice.\nSee order.' }));
    expect(textsOf({ blocks })).toMatchInlineSnapshot(`
      [
        "Refund €2,400.00 to “a.smith@acme.com”",
        "HIGH · order-processor · orders.process_refund",
        "Decide by <!date^1795255800^{date_short_pretty}, {time_secs}|2026-11-21T10:10:00Z>",
        "Asked because of big-refunds: param.amount (2400) > 50 and not context.is_admin (false)
      This refund needs a manager.",
        "▸ Arguments that would run",
        "amount: 2400
      currency: "EUR"
      email: "a.smith@acme.com"
      order_id: "ORD-1287"
      note: "Duplicate charge"",
        "It can not be undone. Sensitivity: financial.",
        "▸ What order-processor says",
        "│ Charged twice.
      │ See order.
      Context, from a trusted key:
      is_admin: false
      order_total: 129",
        "0 of 1 approvals",
        "Approve",
        "Approve this call?",
        "Refund €2,400.00 to “a.smith@acme.com”",
        "Approve",
        "Not yet",
        "Reject",
        "Reject with a reason…",
        "Open",
      ]
    `);
    expect(text).toMatchInlineSnapshot(
      `"[high] Refund €2,400.00 to “a.smith@acme.com”: order-processor waits, 10:00 left"`,
    );
  });

  test('law 6: has buttons, each bound to what it shows', () => {
    const request = plainRequest();
    expect(buttons(request)).toEqual([
      actions.approve,
      actions.reject,
      actions.rejectWithReason,
      actions.open,
    ]);
    for (const { value } of elements(request)) {
      expect(readButton(String(value))).toEqual({
        workspace: 'default',
        destination: 'dst_1',
        request_id: 'req_refund',
        seen: { version: 1, args_digest: request.args_digest },
      });
    }
  });

  test('asks twice before it approves, and says what', () => {
    const [approve] = elements(plainRequest());
    expect(JSON.stringify(approve?.confirm)).toContain('Refund');
  });
});

describe('law 6: a message that shows less offers Open, and says what it leaves out', () => {
  const long = 'A word, and another. '.repeat(200);
  const rule = { name: 'r', effect: 'approval_required' } as const;
  const notAll: Record<string, [Partial<RequestView>, RegExp]> = {
    'a transcript': [{ transcript: 'they said' }, /the transcript/],
    links: [{ links: [{ href: 'https://acme.com' }] }, /links/],
    'a question to the agent': [
      { questions: [{ id: 'q1', by: 'ann', at: created.created_at, text: 'why?' }] },
      /questions/,
    ],
    'values to be re-typed': [{ friction: { kind: 'retype', paths: ['amount'] } }, /confirmed/],
    'values to be acknowledged': [{ friction: { kind: 'acknowledge', paths: [] } }, /confirmed/],
    'a value that policy covers': [{ tool_facts: { mask: ['note'] } }, /covered/],
    'a value that is a secret': [{ args: { password: 'hunter2' } }, /covered/],
    'a secret in the context': [{ context: { api_key: 'k' } }, /covered/],
    'arguments that are too long': [{ args: { note: long } }, /arguments that can not be shown exactly/],
    'more arguments than a message takes': [
      { args: { many: Array.from({ length: 300 }, (_, i) => ({ line: i })) } },
      /arguments that can not/,
    ],
    'a text that is longer as JSON': [{ args: { note: '"'.repeat(1_500) } }, /arguments that can not/],
    'a reason that is too long': [{ reason: long }, /words of the agent that can not/],
    'what an edit has changed': [{ proposed_args: { amount: 9_000 } }, /what an edit has changed/],
    'a disguise in the arguments': [{ args: { to: 'a\u202Eb' } }, /can not be shown exactly/],
    'spaces that nobody can count': [{ args: { to: 'a  b' } }, /can not be shown exactly/],
    'a disguise in the reason': [{ reason: 'аpproved by Αnn' }, /can not be shown exactly/],
    'what Slack reads as an escape': [{ args: { html: '&lt;b&gt;' } }, /can not be shown exactly/],
    'a payload that is gone': [{ erased: true, args: {} }, /erased/],
    'a message of policy that is too long': [{ why: [{ ...rule, message: long }] }, /all of why it is asked/],
    'a message of policy where no rule is named': [{ why: [], message: long }, /all of why it is asked/],
    'a rule whose name is too long': [{ why: [{ ...rule, name: long }] }, /all of why it is asked/],
    'a condition that is too long': [
      { why: [{ ...rule, when: `param.amount > 5 or ${'param.note == "" or '.repeat(200)}` }] },
      /all of why it is asked/,
    ],
    'a warning that is too long': [{ warnings: [long] }, /all of its warnings/],
    'a way back that is too long': [
      { tool_facts: { reversible: true, compensation: long } },
      /all that policy knows of the tool/,
    ],
    'a kind of data that is too long': [{ tool_facts: { sensitivity: long } }, /all that policy knows/],
    'a sentence that is too long': [{ card: { title: [{ text: long }] } }, /the whole sentence/],
    'a tool whose name pretends': [{ tool: 'mail.sеnd' }, /the exact names of agent and tool/],
    'an agent with a disguise in its name': [{ agent: 'x\u202Eevil' }, /the exact names of agent and tool/],
  };
  test.each(Object.entries(notAll))('%s', (_, [part, said]) => {
    const request = plainRequest(part);
    expect(buttons(request)).toEqual([actions.open]);
    expect(read(request)).toMatch(said);
    expect(read(request)).toMatch(/Open it to decide\./);
    expect(blockFaults(rendered(request).blocks)).toEqual([]);
  });

  test('what policy says at length is shown at length, line by line', () => {
    const words = 'A sentence of policy. '.repeat(60).trim();
    const message = `First   line:\n\n  ${words}\n`;
    const title = [{ text: `Refund ${'all of it and '.repeat(14)}more` }];
    const request = plainRequest({
      why: [
        { ...rule, message, when: 'param.amount > 1\n  and param.note != ""', values: { 'param.note': 'n' } },
      ],
      card: { title },
      warnings: [words],
      tool_facts: { reversible: true, compensation: 'c'.repeat(150) },
      tool: 't'.repeat(200),
    });
    const lines = read(request).split('\n');
    expect(lines).toContain('First line:');
    expect(lines.filter((line) => line.includes(words))).toHaveLength(2);
    expect(lines).toContain('Asked because of r: param.amount > 1 and param.note ("n") != ""');
    expect(lines).toContain(title[0]?.text);
    expect(buttons(request)).toContain(actions.approve);
    expect(blockFaults(rendered(request).blocks)).toEqual([]);
  });

  test('where nothing that is pressed could be verified, it offers Open as well', () => {
    expect(buttons(plainRequest(), false)).toEqual([actions.open]);
  });

  test.each([
    ['changed', { password: 'new-secret' }],
    ['emptied', { password: '' }],
    ['removed', {}],
  ])('a secret that an edit has %s is covered, before and after', (_, args) => {
    const request = plainRequest({
      args,
      proposed_args: { password: 'old-secret', nested: { api_key: 'old-secret' } },
      status: 'approved',
      decision: { verdict: 'approve', edited: true, changes: [], reason: null },
    });
    const text = JSON.stringify(rendered(request));
    expect(text).not.toMatch(/old-secret|new-secret/);
    expect(text).toMatch(/Password: •+ → /);
  });

  test('a value that is covered is nowhere in it', () => {
    const request = plainRequest({
      args: { note: 'a-covered-value' },
      tool_facts: { mask: ['note'] },
      why: [
        {
          name: 'r',
          effect: 'approval_required',
          when: 'param.note == "x"',
          values: { 'param.note': 'a-covered-value' },
        },
      ],
      card: { title: [{ text: 'Send ' }, { path: 'note', value: 'a-covered-value' }] },
    });
    expect(JSON.stringify(rendered(request))).not.toContain('a-covered-value');
  });

  test('a value that a condition saw is covered by what it is, and by what lies in it', () => {
    const key = 'AKIAABCDEFGHIJKLMNOP';
    const { card: _card, ...request } = plainRequest({
      args: { note: key, max_tokens: 900, login: { password: 'hunter2' } },
      why: [
        {
          name: 'r',
          effect: 'approval_required',
          when: 'param.note != "" and param.max_tokens > 500 and param.login',
          values: { 'param.note': key, 'param.max_tokens': 900, 'param.login': { password: 'hunter2' } },
        },
      ],
    });
    const text = JSON.stringify(rendered(request));
    expect(text).not.toMatch(/AKIA|hunter2/);
    expect(text).toContain('param.max_tokens (900)');
  });
});

describe('law 6: two calls that differ read differently', () => {
  const keys = { minKeys: 1, maxKeys: 4 };
  const any = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), keys);
  // Few letters, so that two that are nearly the same are drawn often.
  const text = fc.string({
    unit: fc.constantFrom('a', ' ', '\n', '\r', '│', '"', '.', '&', ';', '\u00A0'),
    maxLength: 5,
  });
  const near = fc.dictionary(
    text.map((key) => `k${key}`),
    fc.oneof(text, fc.array(text, { maxLength: 2 })),
    {
      minKeys: 1,
      maxKeys: 2,
    },
  );
  test.each([
    ['any', any],
    ['nearly the same', near],
  ])('or the message has no button that decides: %s', (_, args) => {
    const seen = fc.tuple(args, args).filter(([one, other]) => JSON.stringify(one) !== JSON.stringify(other));
    fc.assert(
      fc.property(seen, (pair) => {
        const shown = pair.map((each) =>
          plainRequest({ args: each as JsonObject, card: { title: [{ text: 'x' }] } }),
        );
        if (!shown.every((request) => buttons(request).includes(actions.approve))) return;
        const [a, b] = shown.map((request) => textsOf(rendered(request)));
        expect(a).not.toEqual(b);
      }),
      { numRuns: 1_000 },
    );
  });

  test('arguments of none are said to be none', () => {
    expect(read(plainRequest({ args: {} }))).toContain('Arguments that would run\nnone');
  });
});

describe('D9: whatever an agent writes', () => {
  const fields: Record<string, (text: string) => Partial<RequestView>> = {
    'a value of the arguments': (note) => ({ args: { amount: 1, note } }),
    'a key of the arguments': (key) => ({ args: { [key]: 1 } }),
    'a value of the context': (note) => ({ context: { note } }),
    reason: (reason) => ({ reason }),
    preview: (summary) => ({ preview: { summary, affected: [summary] } }),
    'a value in the sentence': (value) => ({
      card: { title: [{ text: 'Refund to ' }, { path: 'email', value }, { text: ', all of it' }] },
    }),
    'a value that a condition saw': (value) => ({
      why: [
        { name: 'r', effect: 'approval_required', when: 'param.note == 1', values: { 'param.note': value } },
      ],
    }),
  };
  describe.each(Object.entries(fields))('%s', (_, part) => {
    test.each(Object.entries(disguises))('%s', (_, text) => {
      const plain = rendered(plainRequest(part('plain')));
      const shown = rendered(plainRequest(part(text)));
      expect(blockFaults(shown.blocks)).toEqual([]);
      expect(unseen.test(textsOf(shown).join(''))).toBe(false);
      // Nothing of it is markup: what Slack interprets is ours alone.
      expect(markup(shown.blocks)).toEqual(markup(plain.blocks));
      expect(shown.text).not.toMatch(/[<>]/);
      // The lines that are ours are the same, as many, and in their order.
      expect(ours(shown.blocks)).toEqual(ours(plain.blocks));
    });
  });

  test.each(Object.entries(disguisedNames))('the name of an agent or a tool: %s', (_, name) => {
    const { card: _card, ...request } = plainRequest({ agent: name, tool: name });
    const { blocks } = rendered(request, false);
    expect(blockFaults(blocks)).toEqual([]);
    const plain = rendered({ ...request, agent: 'a', tool: 't' }, false);
    expect(textsOf({ blocks }).length).toBe(textsOf(plain).length);
  });

  test('a value can not end its quotation and go on as if it were the sentence', () => {
    const title = [{ text: 'Refund to ' }, { path: 'email', value: 'x” with approval of “Ann' }];
    const { blocks } = rendered(plainRequest({ card: { title } }));
    expect(textsOf({ blocks })[0]).toBe('Refund to “x" with approval of "Ann”');
  });

  const markup = (blocks: JsonObject[]) => {
    const found: unknown[] = [];
    JSON.stringify(blocks, (_, value) => {
      if (value?.type === 'mrkdwn') found.push(value.text);
      return value;
    });
    return found;
  };
  /** Texts that no agent has a part in: labels, facts, and the deadline. */
  const ours = (blocks: JsonObject[]) =>
    textsOf({ blocks }).filter((text) => /^(▸|Decide by|Policy|It can|\d of \d|HIGH)/.test(text));
});

describe('Slack’s limits', () => {
  test('hold whatever is in the request', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 200 }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 60 }),
        fc.string({ maxLength: 9_000 }),
        (args, text) => {
          const many = { args: args as JsonObject, reason: text, warnings: [text], agent: text, tool: text };
          const { blocks, text: fallback } = rendered(
            plainRequest({ ...many, rules: [text], message: text }),
          );
          expect(blockFaults(blocks)).toEqual([]);
          expect(fallback.length).toBeLessThanOrEqual(4_000);
        },
      ),
      { numRuns: 50 },
    );
  });
});
