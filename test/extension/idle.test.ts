/**
 * Whether news still arrives when nobody has touched anything for a while. Nothing is attached to the service worker
 * here, because a debugger keeps it awake: Chromium is started as a person's would be, and looked at through a page
 * that runs no code. 40 seconds in `npm test`, which is more than the 30 that the browser grants an idle worker; five
 * minutes in `npm run test:soak`.
 */
import { setTimeout as idle } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BareBrowser, launchBare } from './bare-browser.ts';
import { type ReviewIntake, startReviewIntake } from './intake.ts';

const seconds = process.env.SOAK === 'yes' ? 300 : 40;
/** The alarm that stands in for a lost stream comes every 30 s. */
const fallback = 40_000;

let intake: ReviewIntake;
let browser: BareBrowser;

beforeAll(async () => {
  [intake, browser] = await Promise.all([startReviewIntake(), launchBare()]);
});
afterAll(async () => {
  await browser?.close();
  await intake?.stop();
});

const badge = () => browser.evaluate('chrome.action.getBadgeText({})');
const linkState = () =>
  browser.evaluate("chrome.storage.session.get('link').then(({ link }) => link?.state)");

test(`after ${seconds} idle seconds the stream is still there, or its fallback has caught up`, async () => {
  const { body } = await pair();
  await browser.evaluate(`chrome.storage.local.set(${JSON.stringify({ connection: body })})`);
  await expect.poll(linkState, { timeout: fallback }).toBe('live');
  await expect.poll(badge, { timeout: fallback }).toBe('');
  // Being idle is what is tested; there is no condition to wait for.
  await idle(seconds * 1_000);
  const proposedAt = Date.now();
  const id = await intake.propose('crm.update_note', { note: 'after a while' });
  await expect.poll(badge, { timeout: fallback }).toBe('1').catch(withWhatIsKept);
  const took = Date.now() - proposedAt;
  console.log(`Known after ${took} ms: ${took < 3_000 ? 'the stream was there' : 'the fallback caught up'}.`);
  await intake.cancel(id);
  await expect.poll(badge, { timeout: fallback }).toBe('');
}, 600_000);

/** A failure also says what the worker knew of its link, which a badge of "!" does not. */
async function withWhatIsKept(failure: Error): Promise<never> {
  const kept = await browser.evaluate(`Promise.all([
    chrome.storage.session.get(['link', 'snapshot']), chrome.alarms.getAll(), Date.now(),
  ])`);
  throw new Error(`${failure.message}\n${JSON.stringify(kept)}`);
}

/** What the worker keeps after pairing; done without a surface, which would keep the worker awake. */
async function pair() {
  const response = await fetch(`${intake.url}/v1/pair`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: intake.pairCode, device: 'a test' }),
  });
  return { body: { server: intake.url, ...((await response.json()) as object) } };
}
