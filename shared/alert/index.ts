/** How an alert reads: the same words in the mail, in Slack, on the lead's page and in the terminal. Pure. */
export { alertPage, alertView } from './view.ts';
export { type AlertPart, type AlertWords, alertWords, percentText } from './words.ts';
