/** Where one person can be reached on a channel of their own. */
import type { PersonalChannel } from '../contracts/index.ts';
import { addressOfPerson, type Delivery } from './channels.ts';
import type { Directory, Places } from './directory.ts';

/** The ids of the browsers of each person that may still be woken. */
export type Browsers = ReadonlyMap<string, string[]>;

/** Sorts subscriptions by their person; those of a key that no longer decides are left out. */
export function browsersOf({ subscriptions }: Places, { isReviewerKey }: Directory): Browsers {
  const browsers = new Map<string, string[]>();
  for (const { id, person, key_id } of subscriptions) {
    if (!isReviewerKey(key_id)) continue;
    const known = browsers.get(person);
    if (known === undefined) browsers.set(person, [id]);
    else known.push(id);
  }
  return browsers;
}

/** The person's addresses on this channel, none where they have none. */
export function addressesOf(
  person: string,
  channel: PersonalChannel,
  { people }: Directory,
  { destinations }: Places,
  browsers: Browsers,
): Delivery[] {
  const known = people.get(person);
  const own = (address: string | undefined): Delivery[] =>
    address === undefined ? [] : [{ channel, id: addressOfPerson(person) }];
  switch (channel) {
    case 'push':
      return (browsers.get(person) ?? []).map((id) => ({ channel, id }));
    case 'email':
      return own(known?.email);
    case 'sms':
      return own(known?.phone);
    case 'slack': {
      // A direct message goes by the bot of a destination of the workspace.
      const bot = destinations.some(({ kind, secret, disabled }) => {
        return kind === 'slack' && secret !== undefined && disabled === undefined;
      });
      return bot ? own(known?.slack_user_id) : [];
    }
    case 'teams':
    case 'pagerduty':
      return [];
  }
}
