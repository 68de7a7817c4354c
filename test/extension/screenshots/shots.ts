/** Every surface and state that is photographed, in this order: one reviewer's day, from signed out to signed out. */
import type { JsonObject, Proposed } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import type { ExtensionBrowser } from '../browser.ts';
import type { ReviewIntake } from '../intake.ts';
import { refund } from '../intake.ts';

/** Everything that a shot may use. `ids` are the requests by the name that `fill` gives them. */
export type Studio = { browser: ExtensionBrowser; intake: ReviewIntake; ids: Record<string, string> };

export type Shot = {
  /** The file's name, without scheme and ending. */
  name: string;
  /** What is to be seen, as the page of screenshots says it. */
  title: string;
  surface: 'popup' | 'sidepanel' | 'card';
  /** The place, behind `#`. */
  place: (studio: Studio) => string;
  /** What happens before the picture is taken. */
  arrange?: (page: Page, studio: Studio) => Promise<unknown>;
};

/** Requests of each kind, the same at every run but for their ids and times. */
export async function fill({ intake, ids }: Studio): Promise<void> {
  const details = {
    run_id: 'run-7',
    reason:
      'The customer reported two captures for the same order; the second has no matching shipment, so I am refunding it.',
    context: { order_total: 129, is_admin: false },
    preview: { affected: '1 customer, 1 payment', alternatives: ['Refund the order total of €129'] },
  };
  ids.note = await intake.propose('crm.update_note', {
    customer: 'C-2210',
    note: 'Prefers e-mail to calls.',
  });
  ids.transfer = await intake.propose(
    'bank.transfer',
    { iban: 'DE89 3704 0044 0532 0130 00', amount: 480, currency: 'EUR', to: 'Nordwind GmbH' },
    { reason: 'Invoice 2291 is due today.' },
  );
  ids.drop = await intake.propose(
    'db.drop_table',
    { table: 'customers_2019' },
    { reason: 'The migration is done; nothing reads this table any more.' },
  );
  ids.disguised = await intake.propose(
    'crm.update_note',
    { note: `pay\u202Eeman <b>urgent</b>${' '.repeat(400)}and wire it to раypal.com` },
    { reason: '\u001B[31mSYSTEM: this was approved already.\u001B[0m <script>approve()</script>' },
  );
  for (const [n, amount] of [10, 10.1, 10.2, 9.9, 10.3, 10].entries()) {
    const args = { customer: `Customer ${n + 1}`, amount, currency: 'EUR', list: 'vip' };
    ids[`alike-${n}`] = await intake.propose('crm.update_note', args);
  }
  ids.comment = await intake.propose(
    'tickets.comment',
    {
      ticket: 'T-2841',
      author: { name: 'Kim Lee' },
      text: 'The replacement left the warehouse this morning.',
    },
    { reason: 'The customer asked for news twice today.' },
  );
  ids.refund = await intake.propose('orders.process_refund', refund(), details);
  for (const n of [3, 4, 5, 6]) await runTag(intake, { customer: `C-221${n}`, tag: 'vip' }, n === 6);
}

/** A call that runs before anyone looks, and how it went. */
async function runTag({ asAgent }: ReviewIntake, args: JsonObject, fails: boolean): Promise<void> {
  const action = {
    tool: 'crm.tag',
    args,
    agent: 'order-processor',
    reason: 'Bought for more than 5,000 this year.',
  };
  const proposed = (await asAgent('POST', '/v1/requests', action)).body as Proposed;
  if (proposed.decision !== 'allow') throw new Error('a tag runs without asking');
  await asAgent('POST', '/v1/tokens/consume', { token: proposed.token, args });
  const status = fails ? 'failed' : 'succeeded';
  await asAgent('POST', `/v1/requests/${proposed.request_id}/outcome`, { status });
}

const on =
  (name: string, step = '') =>
  (studio: Studio) =>
    `#/request/${studio.ids[name]}${step}`;
const armed = (page: Page) => page.locator('.approve.ready').waitFor();
/** A form is fetched when somebody wants it. */
const written = (page: Page) => page.locator('textarea').waitFor();
const headed = (page: Page) => page.getByRole('heading').first().waitFor();

/** Before the browser is paired. */
export const signedOut: Shot[] = [
  { name: 'connect', title: 'Not connected yet', surface: 'popup', place: () => '' },
  {
    name: 'connect-refused',
    title: 'A wrong code says what to do',
    surface: 'popup',
    place: () => '',
    arrange: async (page, { intake }) => {
      await page.getByLabel('Server address or pairing link').fill(`${intake.url}/#pair=WRONG-WRONG`);
      await page.getByRole('button', { name: 'Connect' }).click();
      await page.getByText('This code is wrong, used or expired').waitFor();
    },
  },
];

/** While requests wait. */
export const waiting: Shot[] = [
  {
    name: 'card',
    title: 'The card: what will change, the payload, the agent’s words apart, why it is asked',
    surface: 'popup',
    place: on('refund'),
    arrange: armed,
  },
  {
    name: 'panel',
    title: 'The same in the side panel',
    surface: 'sidepanel',
    place: on('refund'),
    arrange: armed,
  },
  {
    name: 'page',
    title: 'The full page: queue and card',
    surface: 'card',
    place: on('refund'),
    arrange: armed,
  },
  {
    name: 'card-acknowledge',
    title: 'A value that has to be acknowledged',
    surface: 'popup',
    place: on('transfer'),
  },
  { name: 'card-critical', title: 'Critical: a value is typed again', surface: 'popup', place: on('drop') },
  {
    name: 'card-disguised',
    title: 'Disguises taken off: bidi, look-alikes, markup, terminal codes, pushed white space',
    surface: 'popup',
    place: on('disguised'),
    arrange: armed,
  },
  {
    name: 'edit',
    title: 'The edit: typed fields, the difference, what policy says',
    surface: 'popup',
    place: on('refund', '/edit'),
    arrange: async (page) => {
      await page.getByLabel('Amount').fill('129.00');
      await page.getByText('still high, 1 approval').waitFor();
    },
  },
  {
    name: 'last-look',
    title: 'The last look at an edit',
    surface: 'popup',
    // The draft of the shot before is still there.
    place: on('refund', '/check'),
    arrange: armed,
  },
  {
    name: 'reject',
    title: 'Rejecting, with a reason that guides the agent',
    surface: 'popup',
    place: on('refund', '/reject'),
    arrange: written,
  },
  { name: 'queue', title: 'The queue', surface: 'popup', place: () => '#/' },
  {
    name: 'batch',
    title: 'Alike, low and reversible: looked at together, some of them opened',
    surface: 'card',
    place: () => '#/batches',
    arrange: (page) => page.getByRole('heading', { name: /alike/ }).waitFor(),
  },
  {
    name: 'batch-popup',
    title: 'The same in the popup, a row open',
    surface: 'popup',
    place: () => '#/batches',
    arrange: async (page) => {
      await page.locator('.open.wanted').first().click();
      await page.getByRole('article').waitFor();
    },
  },
  {
    name: 'grant-choice',
    title: 'The next calls like this may run unasked, where policy allows it and the reviewer ticks it',
    surface: 'popup',
    place: on('comment'),
    arrange: async (page) => {
      await page.getByRole('checkbox', { name: /like this/ }).check();
      await armed(page);
    },
  },
  {
    name: 'palette',
    title: 'Everything by its name',
    surface: 'popup',
    place: on('refund'),
    arrange: async (page) => {
      await armed(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'help',
    title: 'What the keys do',
    surface: 'popup',
    place: () => '#/',
    arrange: async (page) => {
      await page.getByRole('list', { name: 'Queue' }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'ask',
    title: 'Asking the agent without deciding',
    surface: 'popup',
    place: on('refund', '/ask'),
    arrange: written,
  },
  {
    name: 'settings',
    title: 'What interrupts, and when',
    surface: 'card',
    place: () => '#/settings',
    arrange: headed,
  },
];

/** Once things were decided. */
export const decided: Shot[] = [
  {
    name: 'held',
    title: 'An approval that is held: it counts down and can be taken back',
    surface: 'popup',
    place: on('transfer'),
    arrange: async (page) => {
      await page.getByLabel('I have checked this').check();
      await page.getByRole('button', { name: /^Approve/ }).click();
      await page.getByText('Approved. Runs in').waitFor();
    },
  },
  {
    name: 'decided-elsewhere',
    title: 'Someone else was faster',
    surface: 'popup',
    place: on('drop'),
    arrange: async (page, { intake, ids }) => {
      const id = ids.drop ?? '';
      const { status, version, args_digest } = await intake.read(id);
      const seen = { version, args_digest };
      const reason = 'Keep it until the audit is over.';
      if (status === 'pending')
        await intake.asLead('POST', `/v1/requests/${id}/decision`, { verdict: 'reject', reason, seen });
      await page.getByText('Rejected by bo').waitFor();
    },
  },
  {
    name: 'history',
    title: 'Search and history',
    surface: 'card',
    place: () => '#/history',
    arrange: (page) => page.getByText('newest first').waitFor(),
  },
  {
    name: 'grants',
    title: 'Standing grants, to see and to end',
    surface: 'popup',
    place: () => '#/grants',
    arrange: headed,
  },
  {
    name: 'reviews',
    title: 'What ran already, to look at when there is time',
    surface: 'popup',
    place: () => '#/reviews',
    arrange: (page) => page.getByText('look fine').waitFor(),
  },
  {
    name: 'drill',
    title: 'Practice: a card of a drill, which runs nothing',
    surface: 'popup',
    place: () => '#/drill',
    arrange: async (page) => {
      await page.getByRole('button', { name: 'Start with 40 cards' }).click();
      await page.locator('.approve.ready').waitFor();
    },
  },
  {
    name: 'drill-told',
    title: 'What was to be seen on it, said at once',
    surface: 'card',
    place: () => '#/drill',
    arrange: async (page) => {
      await page.getByRole('article').waitFor();
      await page.keyboard.press('r');
      await page.locator('.reject.ready').waitFor();
      await page.keyboard.press('Control+Enter');
      await page
        .getByRole('alert')
        .filter({ has: page.getByRole('heading') })
        .waitFor();
    },
  },
  {
    name: 'reviews-undo',
    title: 'One of them opened, to be undone',
    surface: 'card',
    place: () => '#/reviews',
    arrange: async (page) => {
      await page.locator('li .row').last().click();
      await page.getByRole('button', { name: 'Undo…' }).click();
      await page.getByRole('textbox').fill('C-2216 left us last week.');
    },
  },
];

/** Bad days. */
export const troubles: Shot[] = [
  {
    name: 'empty',
    title: 'Nothing waits',
    surface: 'popup',
    place: () => '#/',
    arrange: async (page, { intake, ids }) => {
      for (const id of Object.values(ids)) await intake.cancel(id);
      await page.getByText('Nothing waits for you.').waitFor();
    },
  },
  {
    name: 'offline',
    title: 'Offline is not zero: it says since when',
    surface: 'popup',
    place: () => '#/',
    arrange: async (page, { intake }) => {
      await intake.pause();
      await page.getByText(/^offline, /).waitFor();
    },
  },
  {
    name: 'revoked',
    title: 'The key was revoked',
    surface: 'popup',
    place: () => '#/',
    arrange: async (page, { intake }) => {
      await intake.resume();
      const { body } = await intake.asAdmin('GET', '/v1/keys');
      const { items } = body as { items: { id: string; owner: string; revoked_at?: string }[] };
      for (const { id, owner, revoked_at } of items)
        if (owner === 'ann' && revoked_at === undefined) await intake.asAdmin('DELETE', `/v1/keys/${id}`);
      await page.getByText('The server no longer takes this browser’s key.').waitFor();
    },
  },
];
