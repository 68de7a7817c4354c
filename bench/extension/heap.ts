/** Whether deciding leaves anything behind: the popup's heap after collection, over many decisions in one popup. */
import type { BrowserContext, Page } from 'playwright-core';
import { type Figure, short } from '../figures.ts';

/**
 * Decides so many requests in one popup, each with the pointer as a reviewer does (so each takes its half second), and
 * takes the heap after each tenth. What leaks raises the floor; compiled code and caches come and go. So the least of
 * the second half is compared with the least of the first.
 */
export async function measureHeap(context: BrowserContext, url: string, decisions: number): Promise<Figure> {
  const page = await context.newPage();
  await page.goto(url);
  const session = await context.newCDPSession(page);
  const heap = async (): Promise<number> => {
    // Twice: what finalizers let go of is collected by the second.
    for (let i = 0; i < 2; i += 1) await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize / 1_024;
  };
  const tenth = Math.ceil(decisions / 10);
  const taken: number[] = [];
  for (let i = 1; i <= decisions; i += 1) {
    await decideOne(page);
    if (i % tenth !== 0 && i !== decisions) continue;
    taken.push(await heap());
    console.error(`heap after ${short(i)} decisions: ${short(taken.at(-1) ?? 0)} kB`);
  }
  await page.close();
  const half = Math.floor(taken.length / 2);
  const [early, late] = [Math.min(...taken.slice(0, half)), Math.min(...taken.slice(half))];
  return {
    what: `heap of the popup over ${short(decisions)} decisions, the least of the second half`,
    value: `${short(late)} kB`,
    against: `${short(early)} kB, the least of the first half`,
    ratio: short(late / early),
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
