/** What the owners of a destination are told when it has been disabled: what happened, what was missed, what to do. Pure. */
import type { DestinationRecord } from '@countersign/shared/directory';
import type { Letter } from '../messages/letter.ts';
import { momentInWords } from '../messages/time-words.ts';
import { unlinked } from '../messages/unlinked.ts';
import type { Owner } from './owners.ts';
import type { Untold } from './undelivered.ts';

/** How many requests it names. */
export const mostNamed = 20;

const kinds: Record<DestinationRecord['kind'], string> = {
  webhook: 'a webhook',
  pagerduty: 'a PagerDuty integration',
  slack: 'a Slack conversation',
  teams: 'a Teams workflow',
  email: 'e-mail addresses',
  sms: 'phone numbers',
};

export type Disabled = {
  workspace: string;
  destination: Pick<DestinationRecord, 'id' | 'name' | 'kind'>;
  /** When and why, ms. */
  disabled: { at: number; reason: string };
  /** Since when nothing had arrived before that, where that is known, ms. */
  failing_since: number | undefined;
  untold: readonly Untold[];
};

/** How its reader sees it. */
export type Reader = {
  because: Owner['because'];
  timeZone: string;
  /** Where the API is; calls are named by their path alone where the installation has no address. */
  publicUrl: string | undefined;
};

const reasons: Record<Owner['because'], string> = {
  admin: 'You are told because you administer this workspace.',
  creator: 'You are told because you added this destination.',
};

function lineOf({ request_id, event_type, code, of }: Untold): { name: string; value: string } {
  const what = of === undefined ? '' : ` of ${unlinked(of.tool)} by ${unlinked(of.agent)}`;
  return { name: request_id, value: `${event_type}${what}, last attempt: ${code}` };
}

/** From when a replay has to begin, so that it tells all that was missed. */
function missedSince({ disabled, failing_since, untold }: Disabled): string {
  const first = untold[0]?.happened_at ?? disabled.at;
  return new Date(Math.min(disabled.at, failing_since ?? disabled.at, first)).toISOString();
}

/** Names only what an admin may see: requests by their id, tool and agent, and no argument. */
export function disabledLetter(about: Disabled, { because, timeZone, publicUrl = '' }: Reader): Letter {
  const { workspace, destination, disabled, failing_since, untold } = about;
  const { id, name, kind } = destination;
  const moment = (at: number) => momentInWords(at, timeZone);
  const at = `${publicUrl}/v1`;
  const since = missedSince(about);
  const left = untold.length - mostNamed;
  return {
    above: [workspace],
    status: { text: 'Nothing is sent to it any more.', tone: 'bad' },
    sentence: ['The destination ', { value: name }, ' has been disabled'],
    below: [
      `It is ${kinds[kind]}, known as ${id}.`,
      `Disabled ${moment(disabled.at)}. ${disabled.reason}`,
      ...(failing_since === undefined || failing_since >= disabled.at
        ? []
        : [`Nothing has arrived there since ${moment(failing_since)}.`]),
    ],
    blocks: [
      untold.length === 0
        ? {
            kind: 'notes',
            title: 'What it was not told of',
            notes: [['Nothing that is known: whatever comes now is missed.']],
          }
        : {
            kind: 'lines',
            title: 'What it was not told of',
            ours: true,
            lines: untold.slice(0, mostNamed).map(lineOf),
            more: `${left > 0 ? `${left} more, and whatever` : 'And whatever'} comes until it is in use again.`,
          },
      {
        kind: 'lines',
        title: 'What to do',
        ours: true,
        lines: [
          {
            name: '1. Put right what failed',
            value: 'at its other end; or its address or secret here, in the same call over HTTP as 2',
          },
          { name: '2. Take it into use again', value: `countersign destinations enable ${id}` },
          { name: '3. Try it', value: `countersign destinations test ${id}` },
          {
            name: '4. Tell it what it missed',
            value: `countersign deliveries replay --destination ${id} --since ${since}`,
          },
        ],
        more: `Every attempt: countersign deliveries --destination ${id}`,
      },
      {
        kind: 'lines',
        title: 'The same over HTTP',
        ours: true,
        lines: [
          { name: '2', value: `PUT ${at}/destinations/${id} {"disabled": false}` },
          { name: '3', value: `POST ${at}/destinations/${id}/test` },
          {
            name: '4',
            value: `POST ${at}/deliveries/replay ${JSON.stringify({ destination: id, since })}`,
          },
        ],
        more: `Every attempt: GET ${at}/deliveries?destination=${id}`,
      },
    ],
    foot: [reasons[because], 'Sent by Countersign. An answer to this mail reaches nobody.'],
  };
}
