/** Real Chromium with the built extension in it. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page, type Worker } from 'playwright-core';
import { findChromium } from '../../cli/provision/chromium.ts';
import { buildExtension } from '../../cli/provision/extension.ts';

const root = join(import.meta.dirname, '../..');

export type ExtensionBrowser = {
  context: BrowserContext;
  worker: Worker;
  id: string;
  /** Opens one of the extension's pages in a tab of the size of a popup. */
  open: (page: 'popup' | 'sidepanel' | 'card', hash?: string) => Promise<Page>;
  close: () => Promise<void>;
};

export type BrowserOptions = {
  args?: string[];
  colorScheme?: 'light' | 'dark';
  /** Folders of other extensions that are loaded as well. */
  others?: string[];
};

export type UnpackedExtension = {
  /** The browser's own command, and what it has to be started with. */
  command: string;
  args: string[];
  /** For the browser's data. */
  profile: string;
  remove: () => Promise<void>;
};

/**
 * A copy of the built extension and how to start Chromium with it. The copy may talk to loopback without asking,
 * because nobody can click the browser's own permission question in a test; everything else is as built.
 */
export async function unpackExtension(others: string[] = []): Promise<UnpackedExtension> {
  const built = await buildExtension(root, 'chrome', () => undefined);
  if (!built.ok) throw new Error(built.message);
  const found = await findChromium(process.env.CHROMIUM_PATH, {
    path: process.env.PATH ?? '',
    platform: process.platform,
    say: () => undefined,
  });
  if (!found.ok) throw new Error(found.message);

  const dir = await mkdtemp(join(tmpdir(), 'countersign-browser-'));
  const copy = join(dir, 'extension');
  await cp(built.dir, copy, { recursive: true });
  const manifest = JSON.parse(await readFile(join(copy, 'manifest.json'), 'utf8'));
  manifest.host_permissions = ['http://127.0.0.1/*'];
  await writeFile(join(copy, 'manifest.json'), JSON.stringify(manifest));
  return {
    command: found.command,
    args: [
      '--no-sandbox',
      `--disable-extensions-except=${[copy, ...others].join()}`,
      `--load-extension=${[copy, ...others].join()}`,
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--lang=en-US',
    ],
    profile: join(dir, 'data'),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Starts Chromium with the extension, in a profile of its own. */
export async function launchExtension({
  args = [],
  colorScheme = 'light',
  others = [],
}: BrowserOptions = {}): Promise<ExtensionBrowser> {
  const unpacked = await unpackExtension(others);
  const context = await chromium.launchPersistentContext(unpacked.profile, {
    executablePath: unpacked.command,
    headless: true,
    colorScheme,
    viewport: { width: 400, height: 600 },
    args: [...unpacked.args, ...args],
  });
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const id = new URL(worker.url()).host;
  return {
    context,
    worker,
    id,
    open: async (name, hash = '') => {
      const page = await context.newPage();
      await page.goto(`chrome-extension://${id}/${name}.html${hash}`);
      return page;
    },
    close: async () => {
      await context.close();
      await unpacked.remove();
    },
  };
}

/** Pairs the browser through the Connect form, as a person does. */
export async function connect(
  browser: ExtensionBrowser,
  server: { url: string; pairCode: string },
): Promise<void> {
  const page = await browser.open('card');
  await page.getByLabel('Server address or pairing link').fill(`${server.url}/#pair=${server.pairCode}`);
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('button', { name: 'Disconnect' }).waitFor();
  await page.close();
}
