import { useState } from 'preact/hooks';
import type { Connection } from '../keep/items.ts';
import { homeServer } from '../surface/home.ts';
import { say } from '../words/say.ts';
import { subscribePush } from '../worker/push.ts';

/** On the web page, notices take the browser's leave, which it only gives in a click. The extension has it. */
export function NotifyHere({ connection }: { connection: Connection }) {
  const [open, setOpen] = useState(
    homeServer !== null && 'Notification' in globalThis && Notification.permission === 'default',
  );
  if (!open) return null;
  const ask = async () => {
    setOpen((await Notification.requestPermission()) === 'default');
    if (Notification.permission === 'granted') await subscribePush(connection);
  };
  return (
    <button type="button" class="link" onClick={() => void ask()}>
      {say('notify_here')}
    </button>
  );
}
