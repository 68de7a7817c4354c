/** Bad states: each says what it is and what to do about it. */
import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { contractVersion } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skewOf, spokenContract } from '../../extension/api/skew.ts';
import { connect } from './browser.ts';
import { review } from './review.ts';

describe('the contract', () => {
  test('that the extension speaks is the one that the server tells', () => {
    expect(spokenContract).toBe(contractVersion);
    expect(skewOf(contractVersion)).toBeNull();
  });

  test('says which side is behind', () => {
    expect(skewOf(null)).toBe('older');
    expect(skewOf(spokenContract - 1)).toBe('older');
    expect(skewOf(spokenContract + 1)).toBe('newer');
  });
});

/** What the server between pretends: another age than its own, or that it is something else altogether. */
type Pretence = { contract?: number | null; foreign?: true };

const { intake, browser } = await review({ connected: false });
let between: { url: string; pretend: (pretence: Pretence) => void; server: Server };

beforeAll(async () => {
  between = await standBetween(intake.url);
  await connect(browser, { url: between.url, pairCode: intake.pairCode });
});
afterAll(() => {
  between?.server.closeAllConnections();
  between?.server.close();
});

/** A server in front of the real one. A change of what it pretends ends all connections, as an update does. */
async function standBetween(url: string): Promise<typeof between> {
  let pretence: Pretence = {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = new Headers();
    for (const name of [
      'authorization',
      'content-type',
      'origin',
      'access-control-request-headers',
      'access-control-request-method',
      'last-event-id',
    ]) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const answer = await fetch(url + request.url, {
      method: request.method ?? 'GET',
      headers,
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    }).catch(() => null);
    if (answer === null) return void response.destroy();
    const told = Object.fromEntries(
      [...answer.headers].filter(([name]) => !/^(content-length|transfer-encoding|connection)$/.test(name)),
    );
    response.writeHead(answer.status, told);
    if (pretence.foreign && request.method === 'GET') return void response.end('{"hello":"world"}');
    if (request.url === '/v1/me' && request.method === 'GET') {
      const { contract, ...me } = (await answer.json()) as Record<string, unknown>;
      const pretended = pretence.contract === undefined ? contract : pretence.contract;
      return void response.end(
        JSON.stringify({ ...me, ...(pretended === null ? {} : { contract: pretended }) }),
      );
    }
    if (answer.body === null) return void response.end();
    Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0])
      .on('error', () => response.destroy())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}`,
    server,
    pretend: (next) => {
      pretence = next;
      server.closeAllConnections();
    },
  };
}

const notice = (page: Page) => page.getByRole('alert');

describe('a server', () => {
  test('that is older says that it wants an update, until it has had it', async () => {
    const page = await browser.open('popup', '#/');
    await page.getByText('live', { exact: true }).waitFor();
    between.pretend({ contract: null });
    await notice(page).getByText('The server is older than this extension').waitFor();
    between.pretend({});
    await notice(page).waitFor({ state: 'detached' });
  }, 60_000);

  test('that is newer asks for an update of the extension', async () => {
    const page = await browser.open('popup', '#/');
    between.pretend({ contract: contractVersion + 1 });
    await notice(page).getByText('Update the extension before you decide on anything.').waitFor();
    between.pretend({});
    await notice(page).waitFor({ state: 'detached' });
  }, 60_000);

  test('that is something else is said as such, and tried again when asked', async () => {
    const page = await browser.open('popup', '#/');
    between.pretend({ foreign: true });
    await notice(page).getByText('not one of Countersign’s').waitFor();
    await page.getByText('not understood').waitFor();
    between.pretend({});
    await page.getByRole('button', { name: 'Try again' }).click();
    await notice(page).waitFor({ state: 'detached' });
  }, 60_000);

  test('that is away before anything was read is not an empty queue', async () => {
    await intake.pause();
    between.pretend({});
    const page = await browser.open('popup', '#/');
    await page.getByText(/^offline/).waitFor();
    await page.evaluate(() => chrome.storage.session.remove('snapshot'));
    await notice(page).getByText('The server does not answer.').waitFor();
    expect(await page.getByText('Nothing waits for you.').count()).toBe(0);
    await intake.resume();
    // The worker goes on trying too, and takes the button away once it is through: either way there is the queue.
    await page
      .getByRole('button', { name: 'Try again' })
      .click({ timeout: 2_000 })
      .catch(() => {});
    await page.getByText('Nothing waits for you.').waitFor();
  }, 60_000);
});

describe('a browser', () => {
  test('that took its permission back says so, and asks for it again', async () => {
    await intake.pause();
    between.pretend({});
    const page = await browser.open('popup', '#/');
    await page.getByText(/^offline/).waitFor();
    // The test's copy of the extension has the permission for good, so the worker's finding is put there. The worker
    // goes on trying, and writes its own; so it is put there until it has been seen.
    const told = notice(page)
      .filter({ hasText: 'The browser no longer lets this extension talk to the server.' })
      .filter({ has: page.getByRole('button', { name: 'Allow' }) });
    try {
      await expect
        .poll(
          async () => {
            await page.evaluate(() =>
              chrome.storage.session.set({ link: { state: 'not_permitted', since: 0 } }),
            );
            return told.count();
          },
          { timeout: 30_000 },
        )
        .toBe(1);
    } finally {
      await intake.resume();
    }
  }, 60_000);

  test('whose key was revoked leads back to connecting', async () => {
    const page = await browser.open('popup', '#/');
    await page.getByText('live', { exact: true }).waitFor();
    const { body } = await intake.asAdmin('GET', '/v1/keys');
    const { items } = body as { items: { id: string; owner: string }[] };
    for (const { id } of items.filter(({ owner }) => owner === 'ann'))
      await intake.asAdmin('DELETE', `/v1/keys/${id}`);
    await notice(page).getByText('The server no longer takes this browser’s key.').waitFor();
    await page.getByRole('button', { name: 'Connect again' }).click();
    await page.getByRole('heading', { name: 'Connect to Countersign' }).waitFor();
  }, 60_000);
});
