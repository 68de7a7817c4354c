/** Whether deciding leaves anything behind: the popup's heap after collection, over many decisions in one popup. */
import type { BrowserContext, Page } from 'playwright-core';
import { type Figure, short } from '../figures.ts';

/**
 * Decides so many requests in one popup, each with the pointer as a reviewer does (so each takes its half second), and
 * compares the heap at the end with that after the first tenth, when every part has been used.
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
  const warm = Math.ceil(decisions / 10);
  let early = 0;
  for (let i = 1; i <= decisions; i += 1) {
    await decideOne(page);
    if (i === warm) early = await heap();
  }
  const late = await heap();
  await page.close();
  return {
    what: `heap of the popup after ${short(decisions)} decisions`,
    value: `${short(late / 1_024)} kB`,
    against: `${short(early / 1_024)} kB after ${short(warm)}`,
    ratio: short(late / early),
    aim: 'flat: ≤ 1.1',
  };
}

async function decideOne(page: Page): Promise<void> {
  const before = page.url();
  await page.locator('button.approve.ready').click();
  await page.locator('footer:not(:has(button.approve))').waitFor();
  await page.keyboard.press('j');
  await page.waitForURL((url) => url.href !== before);
}
