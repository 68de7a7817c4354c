/** The reviewer's application as a web page, in a Chromium without the extension, served by a real intake. */
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../../cli/provision/chromium.ts';
import { buildExtension } from '../../cli/provision/extension.ts';
import { type ReviewIntake, refund, startReviewIntake } from './intake.ts';
import { seriousFaults } from './serious-faults.ts';

let intake: ReviewIntake;
let browser: Browser;
let phone: BrowserContext;

beforeAll(async () => {
  const built = await buildExtension(join(import.meta.dirname, '../..'), 'web', () => undefined);
  if (!built.ok) throw new Error(built.message);
  const machine = { path: process.env.PATH ?? '', platform: process.platform, say: () => undefined };
  const found = await findChromium(process.env.CHROMIUM_PATH, machine);
  if (!found.ok) throw new Error(found.message);
  intake = await startReviewIntake({ webDir: built.dir });
  browser = await chromium.launch({ executablePath: found.command, args: ['--no-sandbox'] });
  phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  await phone.grantPermissions(['notifications'], { origin: intake.url });
});
afterAll(async () => {
  await browser?.close();
  await intake?.stop();
});

async function open(path: string): Promise<Page> {
  const page = await phone.newPage();
  await page.goto(intake.url + path);
  return page;
}

// The order matters: this file is one reviewer's phone, from signed out to signed out.
describe('the web page', () => {
  test('may be shown in no frame, runs its own scripts only, and is asked for anew while its parts are kept', async () => {
    const page = await fetch(`${intake.url}/app/`);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const [, script] = /src="\.\/(assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
    const part = await fetch(`${intake.url}/app/${script}`);
    expect(part.headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${intake.url}/app/../package.json`)).status).toBe(404);
    expect((await fetch(`${intake.url}/app/%2e%2e/%2e%2e/package.json`)).status).toBe(404);
  });

  test('a link to a request survives signing in', async () => {
    const id = await intake.propose('orders.process_refund', refund());
    const page = await open(`/app/#/request/${id}`);
    await page.getByLabel('One-time code').fill(intake.pairCode);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.locator('.approve.ready').waitFor();
    expect(page.url()).toBe(`${intake.url}/app/#/request/${id}`);
    expect(await page.title()).toBe('(1) Countersign');
    await page.close();
  });

  test('a pairing link fills in its code and leaves it in no address', async () => {
    const { body } = await intake.asAdmin('POST', '/v1/pair-codes', { person: 'bo' });
    const { code } = body as { code: string };
    const other = await browser.newContext();
    const page = await other.newPage();
    await page.goto(`${intake.url}/#pair=${code}`);
    await expect.poll(() => page.getByLabel('One-time code').inputValue()).toBe(code);
    expect(page.url()).toBe(`${intake.url}/app/`);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('1 waiting').waitFor();
    await other.close();
  });

  test('is decided on like everywhere else, and another tab hears of it', async () => {
    const id = await intake.propose('crm.update_note', { note: 'from a phone' });
    const other = await open('/app/#/');
    const page = await open(`/app/#/request/${id}`);
    await other.getByText('2 waiting').waitFor();
    const button = page.locator('.approve.ready');
    await button.waitFor();
    await button.tap();
    await expect.poll(async () => (await intake.read(id)).status).toBe('approved');
    await other.getByText('1 waiting').waitFor();
    await other.close();
    await page.close();
  });

  test('can be installed, and has nothing serious against it in a screen reader', async () => {
    const page = await open('/app/#/');
    await page.getByText('1 waiting').waitFor();
    const session = await phone.newCDPSession(page);
    const { errors } = await session.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A context of its own counts as incognito, where nothing can be installed.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
    await page.close();
  });

  test('a push says that something waits while no page is in view, and takes it back once it does not', async () => {
    const page = await open('/app/#/');
    const session = await phone.newCDPSession(page);
    const registration = new Promise<string>((resolve) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        for (const { registrationId, scopeURL } of registrations) {
          if (scopeURL === `${intake.url}/app/`) resolve(registrationId);
        }
      });
    });
    await session.send('ServiceWorker.enable');
    const registrationId = await registration;
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const push = (status: string) =>
      session.send('ServiceWorker.deliverPushMessage', {
        origin: intake.url,
        registrationId,
        data: JSON.stringify({ id: 'req_1', tier: 'high', status }),
      });
    const shown = () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.getNotifications()).map(({ tag, title }) => `${tag}: ${title}`);
      });
    // In view: nothing pops up over what shows it already.
    await push('pending');
    expect(await shown()).toEqual([]);
    // Away: a page that nobody looks at. The browser takes a moment to know that it has gone.
    const pushedWhileAway = async () => {
      await page.goto('about:blank');
      await push('pending');
      await page.goto(`${intake.url}/app/#/`);
      return shown();
    };
    await expect
      .poll(pushedWhileAway, { timeout: 15_000 })
      .toEqual(['request:req_1: A request waits for you']);
    await push('approved');
    await expect.poll(shown).toEqual([]);
    await page.close();
  });

  test('signing out in one tab signs out the others', async () => {
    const [page, other] = [await open('/app/#/'), await open('/app/#/')];
    await other.getByText('1 waiting').waitFor();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByLabel('One-time code').waitFor();
    await other.getByLabel('One-time code').waitFor();
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('cs_');
  });
});
