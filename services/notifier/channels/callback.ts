/** The agent's own callback: how its request ended, POSTed to the `callback_url` it gave and signed for its key. */
import type { ApiKeyRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { traceHeaders } from '@countersign/shared/trace';
import type { Redis } from 'ioredis';
import type { Channel } from './channel.ts';
import { postSigned, type Sender, type SignedTarget, secretsOf } from './webhook.ts';

/** Whether a URL lies under the origin that the key was given: anything else is a way to make us call strangers. */
function isUnder(url: string, origin: string): boolean {
  return URL.canParse(url) && URL.canParse(origin) && new URL(url).origin === new URL(origin).origin;
}

/** The channel `callback`. The address is the request's own; `address.id` is the key that proposed it. */
export function callbackChannel(redis: Redis, sender: Sender): Channel<SignedTarget> {
  return {
    async find({ workspace, request }) {
      const { callback_url: url, key_id, trace } = request;
      if (url === undefined || key_id === undefined)
        return { found: false, why: 'no_callback_url', quiet: true };
      const stored = await redis.hget(workspaceKeys(workspace).apiKeys, key_id);
      const key = stored === null ? undefined : (JSON.parse(stored) as ApiKeyRecord);
      if (key === undefined || key.revoked_at !== undefined)
        return { found: false, why: 'key_revoked', quiet: true };
      const { callback_origin: origin, callback_secret: secret } = key;
      if (origin === undefined || secret === undefined || !isUnder(url, origin)) {
        return { found: false, why: 'callback_origin_mismatch', quiet: false };
      }
      // An agent that did not wait on the line goes on in the trace that it proposed in.
      const headers = trace === undefined ? {} : traceHeaders(trace, trace.parent_id);
      return { found: true, target: { url, secret, headers } };
    },
    deliver: (target, notice, attempt) => postSigned(sender, target, notice, attempt),
    // The URL belongs to one request: there is nothing to disable.
    retire: async () => {},
    secrets: secretsOf,
  };
}
