/** Text for members that Slack reads as markup: https://docs.slack.dev/messaging/formatting-message-text#escaping */

/** The three characters that begin or end something for Slack; a mention, a link or a channel is only text then. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
