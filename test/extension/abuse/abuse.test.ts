/**
 * Hands that slip, keys that stick, scripts and windows that take the focus, cards that change under the pointer:
 * random sequences of it on the real popup, with the browser's own input. Every approval that reached the server must
 * have had its press and its release on one card that was armed, and must name what stood on the screen then.
 */
import type { RequestView } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { refund } from '../intake.ts';
import { review } from '../review.ts';
import { faultOf } from './judge.ts';
import { observationOf, observe, shutWaysOut } from './observer.ts';
import { play, type Spot, type World } from './play.ts';
import { type Input, sequences } from './sequence.ts';

/** Popups that are abused at the same time; most of a sequence is waiting for cards to arm. */
const popups = 6;
/** `npm run test:abuse` plays 500, which takes some minutes. */
const count = Number(process.env.ABUSE ?? 60);

const { intake, browser } = await review();

/** What stands for each version in its arguments, and the digest of those: what an approval has to name. */
const digests = new Map<string, { mark: string; strokes: 1 | 2 }>();
let marks = 0;

async function propose(): Promise<string> {
  marks += 1;
  const note = `mark-${marks}-1`;
  const kinds = [
    { tool: 'crm.update_note', args: { note } },
    { tool: 'orders.process_refund', args: { ...refund(), note } },
    { tool: 'crm.merge_accounts', args: { from: 'A-1', into: 'A-2', note } },
  ];
  const kind = kinds[marks % kinds.length] ?? { tool: 'crm.update_note', args: { note } };
  const id = await intake.propose(kind.tool, kind.args);
  remember(await intake.read(id));
  return id;
}

/** A colleague's edit is a new version, with a mark of its own. */
async function edit(id: string): Promise<void> {
  const { status, args, version, args_digest } = await intake.read(id);
  if (status !== 'pending') return;
  const note = String(args.note).replace(/\d+$/, String(version + 1));
  const { body } = await intake.asLead('POST', `/v1/requests/${id}/decision`, {
    verdict: 'approve',
    args: { ...args, note },
    seen: { version, args_digest },
  });
  if (isView(body)) remember(body);
}

function remember({ id, version, args_digest, args, tier }: RequestView): void {
  const mark = String(args.note);
  digests.set(`${id} ${version} ${args_digest}`, { mark, strokes: tier === 'high' ? 2 : 1 });
}

const isView = (body: unknown): body is RequestView =>
  typeof body === 'object' && body !== null && 'args_digest' in body;

type Verdict = { page: Page; url: string; nth: number; key: string; verdict: string };
const sent: Verdict[] = [];

async function openPopup(): Promise<Page> {
  const page = await browser.context.newPage();
  await observe(page);
  await shutWaysOut(page);
  const perUrl = new Map<string, number>();
  page.on('request', (request) => {
    const url = request.url();
    if (!url.endsWith('/decision')) return;
    const nth = perUrl.get(url) ?? 0;
    perUrl.set(url, nth + 1);
    const { verdict, seen } = request.postDataJSON();
    const id = url.split('/').at(-2) ?? '';
    sent.push({ page, url, nth, key: `${id} ${seen.version} ${seen.args_digest}`, verdict });
  });
  await page.goto(`chrome-extension://${browser.id}/popup.html#/`);
  return page;
}

/** Plays sequences until none is left; gives the requests of all of them. */
async function abuse(page: Page, spot: Spot, left: Input[][]): Promise<string[]> {
  const session = await browser.context.newCDPSession(page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  const all: string[] = [];
  for (let inputs = left.pop(); inputs; inputs = left.pop()) {
    const ids = await Promise.all([propose(), propose(), propose()]);
    const arrive = async () => {
      ids.push(await propose());
    };
    const world: World = { ids, arrive, edit };
    await play(page, session, [{ kind: 'open', which: 0 }, ...inputs], spot, world);
    await page.keyboard.press('Escape');
    await Promise.all(ids.map((id) => intake.cancel(id)));
    all.push(...ids);
  }
  return all;
}

test(`law 6: of ${count} sequences of abuse, every approval had its press and its release on one armed card`, async () => {
  const probe = await browser.open('popup', `#/request/${await propose()}`);
  const box = await probe.locator('button.approve').boundingBox();
  if (!box) throw new Error('no Approve to be seen');
  const spot = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const pages: Page[] = [];
  for (let i = 0; i < popups; i += 1) pages.push(await openPopup());
  // Another page is in front, so that a popup really loses the focus when it is taken.
  await probe.bringToFront();

  const left = sequences(count);
  const ids = (await Promise.all(pages.map((page) => abuse(page, spot, left)))).flat();
  // What was on its way has an answer, and the page knows how long it took.
  await Promise.all(pages.map((page) => page.waitForLoadState('networkidle')));

  const faults: string[] = [];
  const observations = new Map(
    await Promise.all(pages.map(async (page) => [page, await observationOf(page)] as const)),
  );
  const approvals = sent.filter(({ verdict }) => verdict === 'approve');
  for (const { page, url, nth, key } of approvals) {
    const shown = digests.get(key);
    const observation = observations.get(page);
    if (!shown || !observation) faults.push(`nothing known of ${key}`);
    else {
      const fault = faultOf({ url, nth, ...shown }, observation);
      if (fault) faults.push(fault);
    }
  }
  const said = new Set(approvals.map(({ key }) => key));
  let counted = 0;
  for (const id of ids) {
    const { verdicts } = await intake.read(id);
    for (const given of verdicts) {
      const { reviewer, verdict, version, args_digest } = given;
      if (reviewer !== 'ann' || verdict !== 'approve') continue;
      counted += 1;
      if (!said.has(`${id} ${version} ${args_digest}`))
        faults.push(`${id} was approved and no popup said so: ${JSON.stringify(given)}`);
    }
  }
  expect(faults).toEqual([]);
  // The abuse is no abuse if nothing gets through that may.
  expect(counted).toBeGreaterThan(count / 20);
}, 900_000);
