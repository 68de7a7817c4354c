/** Whether deciding leaves anything behind: the popup's heap after collection, over many decisions in one popup. */
import type { BrowserContext, Page } from 'playwright-core';
import { type Figure, short } from '../figures.ts';

/**
 * Decides so many requests in one popup, each with the pointer as a reviewer does (so each takes its half second), and
 * compares the heap at the end with that half-way: until then the browser still compiles what is used often. Says how
 * it stands after each tenth, since what leaks grows by as much in each.
 */
export async function measureHeap(context: BrowserContext, url: string, decisions: number): Promise<Figure> {
  const page = await context.newPage();
  await page.goto(url);
  const session = await context.newCDPSession(page);
  const heap = async (): Promise<number> => {
    // Twice: what finalizers let go of is collected by the second.
    for (let i = 0; i < 2; i += 1) await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  const tenth = Math.ceil(decisions / 10);
  const half = Math.ceil(decisions / 2);
  let middle = 0;
  for (let i = 1; i <= decisions; i += 1) {
    await decideOne(page);
    if (i === half) middle = await heap();
    if (i % tenth === 0) console.error(`${short((await heap()) / 1_024)} kB after ${short(i)}`);
  }
  const late = await heap();
  await page.close();
  return {
    what: `heap of the popup after ${short(decisions)} decisions`,
    value: `${short(late / 1_024)} kB`,
    against: `${short(middle / 1_024)} kB after ${short(half)}`,
    ratio: short(late / middle),
    aim: 'flat: ≤ 1.05',
  };
}

async function decideOne(page: Page): Promise<void> {
  const before = page.url();
  await page.locator('button.approve.ready').click();
  await page.locator('footer:not(:has(button.approve))').waitFor();
  await page.keyboard.press('j');
  await page.waitForURL((url) => url.href !== before);
}
