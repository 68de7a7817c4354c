/** `POST /v1/slack/interactions`: buttons that were pressed in Slack, and forms that were submitted. */
import { setTimeout as after } from 'node:timers/promises';
import { problem } from '@countersign/shared/contracts';
import { bytesOf, headerOf, maxBody } from '@countersign/shared/http';
import type { Outbound } from '@countersign/shared/outbound';
import type { Logger } from 'pino';
import { z } from 'zod';
import { interact, verify } from '../../slack/interact.ts';
import type { Routes } from '../route.ts';

/** Slack shows a person that something went wrong after 3 s; what takes longer is told them afterwards, ms. */
const patience = 2_500;

/** Mounts it. `out` is the guarded way to Slack. */
export function slackRoutes(routes: Routes, out: Outbound, logger: Logger): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/slack/interactions',
      summary: 'For Slack, which signs it: a button was pressed, or a form submitted.',
      roles: 'anyone',
      headers: {
        'X-Slack-Signature': '`v0=` and the HMAC-SHA256 of the body under the app’s signing secret.',
        'X-Slack-Request-Timestamp': 'Seconds since 1970; five minutes old at most.',
      },
      answers: {
        200: { description: 'Taken; what there is to say is told in Slack.', schema: z.looseObject({}) },
      },
      problems: ['unauthorized', 'slack_elsewhere', 'slack_unverified', 'body_too_large', 'not_ready'],
    },
    async ({ service, c }) => {
      const body = await bytesOf(c);
      if (body === undefined) {
        return problem('body_too_large', `A body may have ${maxBody / 1024} KiB. Send less.`);
      }
      const timestamp = headerOf(c, 'x-slack-request-timestamp');
      const signature = headerOf(c, 'x-slack-signature');
      const verified = await verify(service, { body, timestamp, signature });
      if (verified === undefined) {
        return problem('unauthorized', 'No Slack app of this installation has signed this.');
      }
      const done = interact({ service, out, logger }, verified);
      done.catch((error) => logger.error({ err: error }, 'what was pressed in Slack was not done'));
      // A form stays open until it is answered, and can be sent again; a button has nothing to show but its message.
      const waits = verified.interaction.did === 'give_reason';
      const reply = await (waits ? done : Promise.race([done, after(patience, undefined, { ref: false })]));
      if (reply === undefined) return c.body(null, 200);
      return 'problem' in reply ? reply.problem : c.json(reply.body);
    },
  );
}
