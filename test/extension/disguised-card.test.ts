/** Whatever an agent writes, in whichever field, the rest of the card stays as it is: text, place and size. */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { disguisedNames, disguises, unseen } from '../support/disguises.ts';
import { review } from './review.ts';

const { intake, browser } = await review({ keep: 2 });
let page: Page;

beforeAll(async () => {
  page = await browser.open('popup', '#/');
});

type Proposal = { args: JsonObject; more: JsonObject };
/** A text put into one field of an otherwise ordinary proposal. */
type Field = (proposal: Proposal, text: string) => Proposal;

const said =
  (part: (text: string) => JsonObject): Field =>
  ({ args, more }, text) => ({ args, more: { ...more, ...part(text) } });
const called =
  (part: (text: string) => JsonObject): Field =>
  ({ args, more }, text) => ({ args: { ...args, ...part(text) }, more });

const fields: Record<string, Field> = {
  reason: said((reason) => ({ reason })),
  'preview.summary': said((text) => ({ preview: { affected: '1 customer', summary: text.slice(0, 2_000) } })),
  'preview.affected': said((text) => ({ preview: { affected: [text.slice(0, 500)] } })),
  'preview.reversible': said((text) => ({
    preview: { affected: '1 customer', reversible: text.slice(0, 500) },
  })),
  'preview.alternatives': said((text) => ({
    preview: { affected: '1 customer', alternatives: [text.slice(0, 500)] },
  })),
  transcript: said((text) => ({ transcript: [{ role: 'user', text }] })),
  'the role in a transcript': said((text) => ({ transcript: [{ role: text.slice(0, 40), text: 'hello' }] })),
  'a value of the context': said((text) => ({ context: { note: text } })),
  'a key of the context': said((text) => ({ context: { [text]: 1 } })),
  'a value of the arguments': called((note) => ({ note })),
  'a value in the sentence': called((email) => ({ email })),
  'a key of the arguments': called((text) => ({ [text]: 1 })),
  'a nested key and value': called((text) => ({ extra: { [text]: [text, { [text]: text }] } })),
  'the text of a link': said((text) => ({
    links: [{ href: 'https://acme.com/o', text: text.slice(0, 200) }],
  })),
};

const names: Record<string, Field> = {
  'the run': said((run_id) => ({ run_id })),
  'who asked': said((requested_by) => ({ requested_by })),
};

const ordinary: Proposal = {
  args: { amount: 2400, currency: 'EUR', email: 'a.smith@acme.com', note: 'Duplicate charge' },
  more: { reason: 'Two captures for one order.', preview: { affected: '1 customer' } },
};
const plainText = 'plain-text';

type Block = {
  what: string;
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
  fixed: boolean;
};

describe('what an agent wrote changes nothing but its own place', () => {
  test.each(Object.entries(fields))('%s', (_, field) => sameBut(field, disguises), 60_000);
  test.each(Object.entries(names))('%s', (_, field) => sameBut(field, disguisedNames), 60_000);
});

async function sameBut(field: Field, texts: Record<string, string>): Promise<void> {
  const plain = await open(field(ordinary, plainText));
  const own = plain.map(({ text }) => text.toLowerCase().replaceAll(' ', '-').includes(plainText));
  // What stands in a part that is folded has no block of its own: nothing at all moves then.
  const first = own.includes(true) ? own.indexOf(true) : plain.length;
  for (const [name, text] of Object.entries(texts)) {
    const shown = await open(field(ordinary, text));
    expect(
      shown.map(({ what }) => what),
      name,
    ).toEqual(plain.map(({ what }) => what));
    for (const [i, block] of shown.entries()) {
      const was = plain[i];
      if (!was || own[i]) continue;
      // Below the field, a line more or less moves what follows; nothing above it and nothing that is fixed moves.
      const moves = i > first && !block.fixed;
      expect({ ...block, y: moves ? was.y : block.y }, `${name}: ${block.what}`).toEqual(was);
    }
    const seen = await page.evaluate(() => ({
      text: document.body.innerText,
      foreign: document.querySelectorAll('article :is(img, style, script, h1 h1, iframe)').length,
      title: document.title,
      wider:
        (document.querySelector('main')?.scrollWidth ?? 0) -
        (document.querySelector('main')?.clientWidth ?? 0),
      tall: document.querySelector('h1')?.getBoundingClientRect().height ?? 0,
    }));
    expect(seen, name).toMatchObject({ foreign: 0, title: 'Countersign', wider: 0 });
    expect(unseen.exec(seen.text), name).toBeNull();
    // The sentence stays a sentence: the payload below it is in sight.
    expect(seen.tall, name).toBeLessThan(180);
  }
}

/** The card of such a proposal, block by block as it lies on the screen, without what differs between any two requests. */
async function open({ args, more }: Proposal): Promise<Block[]> {
  const id = await intake.propose('orders.process_refund', args, more);
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/request/${id}`);
  await page.locator(`article[data-request="${id}"]`).waitFor();
  const blocks = await page.evaluate(() => {
    // What is folded at first is looked at as well.
    for (const details of document.querySelectorAll<HTMLDetailsElement>(
      'article details:not(.raw-arguments, .run-before, :last-child)',
    ))
      details.open = true;
    const main = document.querySelector('main');
    const parts =
      'header, .meta > .tier, .meta > .who, h1, article > .payload > .line, .fact, .words, .words > *, .why, article > details > summary, article > details:not(:last-child) > dl > .line, footer, footer button';
    return [...document.querySelectorAll<HTMLElement>(parts)].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const fixed = !main?.contains(element);
      return {
        // A long value takes the width below its name: that is still its own place. A button gets ready by itself.
        what: `${element.tagName} ${element.className}`.replaceAll(/ (wide|ready)/g, ''),
        text: (element.textContent ?? '')
          .replace(/ \(\d\)$/, '')
          .replaceAll(/req_\w+|sha256:\w+|\d+:\d\d(\s[AP]M)?|\d+ waiting/g, '…'),
        x,
        y: fixed ? y : y + (main?.scrollTop ?? 0),
        width,
        height,
        fixed,
      };
    });
  });
  await intake.cancel(id);
  return blocks.filter(({ what, text }) => what !== 'HEADER ' && !text.startsWith('Request…'));
}
