import { browser } from 'wxt/browser';
import { type Connection, forgetAll } from '../keep/items.ts';
import { say } from '../words/say.ts';
import { originPattern } from './pairing-link.ts';

/** As whom this browser reviews, and the way out. */
export function Account({ connection }: { connection: Connection }) {
  const disconnect = async () => {
    await forgetAll();
    await browser.permissions.remove({ origins: [originPattern(connection.server)] }).catch(() => false);
  };
  return (
    <p class="account">
      <span>{say('connected_as', connection.person.name, new URL(connection.server).host)}</span>
      <button type="button" class="link" onClick={() => void disconnect()}>
        {say('disconnect')}
      </button>
    </p>
  );
}
