import { browser } from 'wxt/browser';
import { skewOf } from '../api/skew.ts';
import { originPattern } from '../connect/pairing-link.ts';
import { type Connection, contractItem, type Link } from '../keep/items.ts';
import { useStored } from '../keep/use-stored.ts';
import { type Phrase, say } from '../words/say.ts';
import { askWorker } from '../worker/ask.ts';

type Props = {
  connection: Connection;
  link: Link | null;
  /** There is a queue on the screen, as of when the server last answered. */
  hasQueue: boolean;
};

type Remedy = { says: Phrase; does?: { name: Phrase; run: () => void } };

/** What stands between this browser and its server, and what to do about it. Nothing while all is well. */
export function StateNotice({ connection, link, hasQueue }: Props) {
  const contract = useStored(contractItem);
  const skew = contract ? skewOf(contract.told) : null;
  const remedy =
    remedyOf(link?.state ?? 'polling', connection, hasQueue) ?? (skew && { says: `server_${skew}` as const });
  if (!remedy) return null;
  return (
    <div class="notice warn" role="alert">
      <span>{say(remedy.says)}</span>
      {remedy.does && (
        <button type="button" onClick={remedy.does.run}>
          {say(remedy.does.name)}
        </button>
      )}
    </div>
  );
}

function remedyOf(state: Link['state'], { server }: Connection, hasQueue: boolean): Remedy | null {
  const again = { name: 'try_again', run: () => void askWorker({ kind: 'wake' }) } as const;
  switch (state) {
    case 'live':
    case 'polling':
      return null;
    case 'offline':
      // Over an old queue the top line says so, without taking its place.
      return hasQueue ? null : { says: 'trouble_unreachable', does: again };
    case 'refused':
      return {
        says: 'trouble_unauthorized',
        does: { name: 'connect_again', run: () => void askWorker({ kind: 'disconnect' }) },
      };
    case 'not_permitted':
      return {
        says: 'server_not_permitted',
        does: {
          name: 'allow',
          run: () => {
            // Browsers ask for a permission straight from a click only.
            void browser.permissions
              .request({ origins: [originPattern(server)] })
              .then((given) => (given ? askWorker({ kind: 'wake' }) : null));
          },
        },
      };
    case 'not_understood':
      return { says: 'trouble_not_understood', does: again };
  }
}
