/** The channels there are. A new one is a file beside this, a name in `channelNames` and a line here. */
import type { KeyObject } from 'node:crypto';
import type { VapidKeys } from '@countersign/shared/directory';
import type { Outbound } from '@countersign/shared/outbound';
import type { Redis } from 'ioredis';
import { callbackChannel } from './callback.ts';
import type { AlertNotice, AnyAddress, Attempt, Channel, ChannelName, Notice, Outcome } from './channel.ts';
import { withoutEcho } from './echo.ts';
import { emailChannel } from './email.ts';
import type { Mailer } from './mailer.ts';
import { pagerdutyChannel } from './pagerduty.ts';
import { pushChannel } from './push.ts';
import type { Settings } from './settings.ts';
import { slackChannel } from './slack.ts';
import { smsChannel } from './sms.ts';
import { teamsChannel } from './teams.ts';
import { webhookChannel } from './webhook.ts';

/** A channel that has found where a delivery goes. */
export type Aimed =
  | {
      found: true;
      needs: (notice: Notice, attempt: Attempt) => boolean;
      deliver: (notice: Notice, attempt: Attempt) => Promise<Outcome>;
      tell: (notice: AlertNotice, attempt: Attempt) => Promise<Outcome>;
      retire: (at: number) => Promise<void>;
      /** Asked for only where there is something that might repeat them. */
      secrets: () => string[];
    }
  | { found: false; why: string; quiet: boolean };

export type Channels = Record<ChannelName, (address: AnyAddress) => Promise<Aimed>>;

/** Ties a channel to its own kind of target, so that those who use channels need not know the kinds. */
function aiming<Target>(channel: Channel<Target>): (address: AnyAddress) => Promise<Aimed> {
  return async (address) => {
    const found = await channel.find(address);
    if (!found.found) return found;
    const { target } = found;
    return {
      found: true,
      needs: (notice, attempt) => channel.needs?.(target, notice, attempt) ?? true,
      deliver: async (notice, attempt) =>
        withoutEcho(await channel.deliver(target, notice, attempt), notice.request),
      tell: async (notice, attempt) =>
        channel.tell?.(target, notice, attempt) ?? { kind: 'not_tried', code: 'no_alerts' },
      retire: (at) => channel.retire(address, target, at),
      secrets: () => channel.secrets(target),
    };
  };
}

/** Makes every channel over one connection to Redis, one guarded way out and what the installation sends with. */
export function makeChannels(
  redis: Redis,
  out: Outbound,
  mailer: Mailer | undefined,
  vapid: VapidKeys,
  privateKey: KeyObject,
  settings: Settings,
): Channels {
  const sender = { out, privateKey };
  return {
    webhook: aiming(webhookChannel(redis, sender)),
    push: aiming(pushChannel(redis, out, vapid)),
    callback: aiming(callbackChannel(redis, sender)),
    slack: aiming(slackChannel(redis, out)),
    pagerduty: aiming(pagerdutyChannel(redis, out)),
    teams: aiming(teamsChannel(redis, out)),
    sms: aiming(smsChannel(redis, out, settings.sms)),
    email: aiming(emailChannel(redis, mailer)),
  };
}
