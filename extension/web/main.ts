/** The application as a web page: for a phone, or for a link in a message where there is no extension. */
import { browser } from 'wxt/browser';
import { deviceName } from '../connect/device.ts';
import { readPairingLink } from '../connect/pairing-link.ts';
import background from '../entrypoints/background.ts';
import { pairingItem } from '../keep/items.ts';
import { mount } from '../surface/mount.tsx';

const { code } = readPairingLink(location.href) ?? { code: '' };
if (code !== '') {
  // Out of the address first: a code does not belong in a history.
  history.replaceState(null, '', location.pathname);
  await pairingItem.setValue({ server: location.origin, code, device: deviceName() });
}

navigator.serviceWorker
  ?.register(browser.runtime.getURL('/sw.js'), { type: 'module' })
  .catch(() => undefined);
// The worker of the extension, in the page: it keeps nothing that ends with it.
background.main();
await mount('page');
