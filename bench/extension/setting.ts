/** The extension in real Chromium beside an empty one, paired with intake, and a full queue. */
import { connect, type ExtensionBrowser, launchExtension } from '../../test/extension/browser.ts';
import { gatedProposals } from '../proposals.ts';
import { sendLoad } from '../propose/send-load.ts';
import { openSetting } from '../setting.ts';
import { writeEmptyExtension } from './empty.ts';
import type { Popup } from './opening.ts';

export type ExtensionSetting = {
  browser: ExtensionBrowser;
  ours: Popup;
  empty: Popup;
  stop: () => Promise<void>;
};

/** Starts everything with so many requests `pending`. Leaves nothing behind when it is stopped. */
export async function openExtensionSetting(pending: number): Promise<ExtensionSetting> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.reverse()) await end();
  };
  try {
    const setting = await openSetting();
    stops.push(setting.stop);
    const empty = await writeEmptyExtension();
    stops.push(empty.remove);
    const bodies = gatedProposals().proposals.map((proposal) => JSON.stringify(proposal));
    const { intakeUrl: url, keys, pairCode } = setting;
    await sendLoad({ url, key: keys.agent, bodies, connections: 32, amount: pending, name: 'extension' });
    const browser = await launchExtension({ others: [empty.dir] });
    stops.push(browser.close);
    await connect(browser, { url, pairCode });
    return {
      browser,
      ours: { url: `chrome-extension://${browser.id}/popup.html`, usable: 'article.card,button.approve' },
      empty: { url: `chrome-extension://${empty.id}/popup.html`, usable: 'article' },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
