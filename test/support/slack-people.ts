/** People in Slack: what they read in a message, and what Slack sends to the app, signed, when they press something. */
import { createHmac } from 'node:crypto';
import type { JsonObject } from '@countersign/shared/contracts';
import type { PressedButton, SlackMessage } from './slack-peer.ts';

/** What the app answered to a person's press. */
export type AppAnswer = { status: number; text: string; body: JsonObject };

export type Signing = {
  secret?: string;
  /** Seconds since 1970. */
  timestamp?: number;
  signature?: string | undefined;
  retry?: number;
};

/** Sends a payload to the app as Slack does, signed under the app's secret; `how` spoils that. */
export async function sendSigned(
  app: string,
  payload: JsonObject,
  secret: string,
  how: Signing = {},
): Promise<AppAnswer> {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(how.timestamp ?? Math.floor(Date.now() / 1_000));
  const mac = createHmac('sha256', how.secret ?? secret).update(`v0:${timestamp}:${body}`);
  const signature = 'signature' in how ? how.signature : `v0=${mac.digest('hex')}`;
  const answer = await fetch(`${app}/v1/slack/interactions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      ...(signature === undefined ? {} : { 'x-slack-signature': signature }),
      ...(how.retry === undefined ? {} : { 'x-slack-retry-num': String(how.retry) }),
    },
    body,
  });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {},
  };
}

/** The buttons of a message, as they stand. */
export function buttonsOf({ blocks }: SlackMessage): PressedButton[] {
  return blocks.flatMap((block) => (block.type === 'actions' ? (block.elements as PressedButton[]) : []));
}

/** All that a reader of a message sees, one text after the other. */
export function textsOf({ blocks }: Pick<SlackMessage, 'blocks'>): string[] {
  const text = (part: unknown): string[] => {
    if (typeof part !== 'object' || part === null) return [];
    if ('text' in part && typeof part.text === 'string') return [part.text];
    return Object.values(part).flatMap(text);
  };
  return blocks.flatMap(text);
}
