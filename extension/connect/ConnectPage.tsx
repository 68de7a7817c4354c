import { useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import type { Trouble } from '../api/trouble.ts';
import { pairingItem, pairingTroubleItem } from '../keep/items.ts';
import { useStored } from '../keep/use-stored.ts';
import { homeServer } from '../surface/home.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import { askWorker } from '../worker/ask.ts';
import { deviceName } from './device.ts';
import { originPattern, readPairingLink } from './pairing-link.ts';

/** Pairs this browser with a server: an address and a one-time code, or a link that holds both. */
export function ConnectPage() {
  const waiting = useStored(pairingItem);
  const lastTrouble = useStored(pairingTroubleItem);
  const [address, setAddress] = useState<string>();
  const [code, setCode] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [complaint, setComplaint] = useState('');

  const shownAddress = address ?? waiting?.server ?? '';
  const shownCode = code ?? waiting?.code ?? '';
  const link = readPairingLink(homeServer ?? shownAddress, shownCode);

  const connect = async () => {
    if (busy) return;
    setComplaint('');
    if (!link || link.server === '') return setComplaint(say('connect_address_wrong'));
    if (link.code === '') return setComplaint(say('connect_code_missing'));
    setBusy(true);
    // Not awaited: the browser only asks for a permission straight from the click.
    const permitted = browser.permissions.request({ origins: [originPattern(link.server)] });
    // Left behind for the worker, because the browser's question may close this very popup.
    await pairingItem.setValue({ server: link.server, code: link.code, device: deviceName() });
    await pairingTroubleItem.setValue(null);
    const trouble: Trouble | null = (await permitted.catch(() => false))
      ? await askWorker({ kind: 'pair' })
      : { code: 'not_permitted', detail: '', extra: {} };
    setBusy(false);
    if (trouble) setComplaint(troubleText(trouble));
  };

  const shownComplaint = complaint || (lastTrouble && !busy ? troubleText(lastTrouble) : '');
  return (
    <main class="connect">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void connect();
        }}
      >
        <h1>{say('connect_title')}</h1>
        <p>{say(homeServer === null ? 'connect_intro' : 'connect_intro_web')}</p>
        {homeServer === null && (
          <label class="box">
            <span>{say('connect_address')}</span>
            <input
              type="text"
              name="address"
              inputMode="url"
              autocomplete="off"
              spellcheck={false}
              placeholder="http://127.0.0.1:4780/#pair=XXXXX-XXXXX"
              value={shownAddress}
              onInput={(event) => setAddress(event.currentTarget.value)}
            />
          </label>
        )}
        <label class="box">
          <span>{say('connect_code')}</span>
          <input
            type="text"
            name="code"
            autocomplete="off"
            spellcheck={false}
            placeholder={codeInLink(shownAddress) || 'XXXXX-XXXXX'}
            value={shownCode}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
          {codeInLink(shownAddress) !== '' && <small>{say('connect_code_in_link')}</small>}
        </label>
        <p class="complaint" role="alert">
          {shownComplaint}
        </p>
        <button type="submit" class="primary" aria-disabled={busy}>
          {say(busy ? 'connecting' : 'connect')}
        </button>
        {homeServer === null && <p class="consequence">{say('connect_permission')}</p>}
      </form>
    </main>
  );
}

function codeInLink(address: string): string {
  return readPairingLink(address)?.code ?? '';
}
