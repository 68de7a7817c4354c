/** What destinations of the kinds `pagerduty`, `teams`, `sms` and `email` have to have. Pure. */
import type { CreateDestination } from '@countersign/shared/contracts';
import { z } from 'zod';

type Member = 'url' | 'secret' | 'signing_secret' | 'to' | 'headers';

/** Members that a kind makes use of. One that it does not is refused: nobody is to think that it did something. */
const used: Partial<Record<CreateDestination['kind'], readonly Member[]>> = {
  pagerduty: ['url', 'secret'],
  teams: ['url'],
  sms: ['to'],
  email: ['to'],
};
const members: readonly Member[] = ['url', 'secret', 'signing_secret', 'to', 'headers'];

/** What is wrong with it, in a sentence; undefined when nothing is, or the kind is judged elsewhere. */
export function destinationFault(body: CreateDestination): string | undefined {
  const { kind, url, secret, to } = body;
  const useful = used[kind];
  const unused = useful && members.find((name) => body[name] !== undefined && !useful.includes(name));
  if (unused !== undefined) return `${unused}: a ${kind} destination makes no use of it. Leave it out.`;
  switch (kind) {
    case 'pagerduty':
      if (secret === undefined || !/^[A-Za-z0-9]{32}$/.test(secret))
        return 'secret: a pagerduty destination needs the integration key of an Events API v2 integration, 32 letters and digits.';
      if (url !== undefined && !new URL(url).pathname.endsWith('/v2/enqueue'))
        return 'url: must be the whole address of the Events API, such as https://events.eu.pagerduty.com/v2/enqueue. Leave it out for accounts that are not in the EU region.';
      return undefined;
    case 'teams':
      if (url === undefined)
        return 'url: a teams destination needs the address that a workflow with the trigger “When a Teams webhook request is received” shows.';
      return undefined;
    case 'sms':
      if (to === undefined || !to.every((number) => /^\+[1-9]\d{6,14}$/.test(number)))
        return 'to: an sms destination needs numbers in international form, such as +4915112345678.';
      return undefined;
    case 'email':
      if (to === undefined || !to.every((address) => z.email().safeParse(address).success))
        return 'to: an email destination needs bare addresses, such as approvals@example.com.';
      return undefined;
    default:
      return undefined;
  }
}
