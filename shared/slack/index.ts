/** What the two halves of Slack share: notifier writes messages with buttons, intake reads what they were pressed for. */
export { actions, type Button, buttonValue, readButton } from './button.ts';
export { escapeText } from './text.ts';
export { type Called, callSlack, type SlackAccess, slackApi } from './web-api.ts';
