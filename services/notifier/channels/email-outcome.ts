/** How sending one mail to several recipients ended: for the delivery, and for each of them. Pure. */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Outcome } from './channel.ts';
import type { Refusal, Sent } from './mailer.ts';

/** RFC 3463: 5.1.1 is a mailbox that does not exist; nothing else means that nobody will ever read there. */
const isNobody = ({ status, response }: Refusal): boolean =>
  status === 550 && /^550[ -]5\.1\.1\b/.test(response);

/** Who has it or may have it, and who is through with it. */
export function reachedBy(sent: Sent, recipients: string[]): { told: string[]; done: string[] } {
  const refused = sent.kind === 'taken' || sent.kind === 'refused' ? sent.refused : [];
  const never = refused.filter(({ permanent }) => permanent).map(({ address }) => address);
  if (sent.kind === 'taken') {
    const told = recipients.filter((to) => !refused.some(({ address }) => address === to));
    return { told, done: [...told, ...never] };
  }
  return { told: sent.kind === 'lost' && sent.began ? recipients : [], done: never };
}

/** Everyone has the end, or nobody counts as having it. */
export function closedBy(sent: Sent, end: string | undefined): { closed?: string } {
  const all = sent.kind === 'taken' && sent.refused.every(({ permanent }) => permanent);
  return all && end !== undefined ? { closed: end } : {};
}

/** What the attempt came to. `keep`: for the next one. */
export function outcomeOf(sent: Sent, keep: JsonObject, to: string[]): Outcome {
  const again = { retry: 'scheduled', gone: false } as const;
  switch (sent.kind) {
    case 'impossible':
      return { kind: 'not_tried', code: sent.code };
    case 'lost':
      return { kind: 'failed', code: sent.code, ...again, keep };
    case 'taken': {
      const later = sent.refused.find(({ permanent }) => !permanent);
      const response = [sent.response, ...sent.refused.map((refusal) => refusal.response)].join('\n');
      if (later === undefined) return { kind: 'delivered', status: 250, response, keep };
      const { status } = later;
      return { kind: 'failed', code: `smtp_${status}`, status, response, ...again, keep };
    }
    case 'refused': {
      const { during, status, response, refused, permanent } = sent;
      const nobody = during === 'recipients' && refused.length === to.length && refused.every(isNobody);
      // A session is refused for what the operator can put right: the login, the sender, a block list.
      const never = permanent && during !== 'session';
      return {
        kind: 'failed',
        code: `smtp_${status}`,
        status,
        response,
        retry: never ? 'never' : 'scheduled',
        gone: nobody,
        keep,
      };
    }
  }
}
