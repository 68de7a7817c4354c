/** How soon a popup that is opened shows a card that can be judged, with many requests waiting. */
import type { BrowserContext } from 'playwright-core';
import { type Figure, median, short } from '../figures.ts';

/** What is on the screen when a popup can be used. */
export type Popup = { url: string; usable: string };

/**
 * Opens both in turn, `times` each. The time is the page's own, from the start of its navigation to the frame after
 * everything of `usable` stands there. That buttons arm half a second after their card is meant, and not counted.
 */
export async function measureOpening(
  context: BrowserContext,
  ours: Popup,
  empty: Popup,
  times: number,
): Promise<Figure> {
  // The first opening of each compiles its scripts.
  for (const popup of [ours, empty]) await openOnce(context, popup);
  const took = { ours: [] as number[], empty: [] as number[] };
  for (let i = 0; i < times; i += 1) {
    took.empty.push(await openOnce(context, empty));
    took.ours.push(await openOnce(context, ours));
  }
  const [mine, bare] = [median(took.ours), median(took.empty)];
  return {
    what: `opening the popup → its first card, median of ${times}`,
    value: `${short(mine)} ms`,
    against: `${short(bare)} ms: the popup of an empty extension`,
    ratio: `${short(mine - bare)} ms more`,
    aim: '< 100 ms more',
  };
}

async function openOnce(context: BrowserContext, { url, usable }: Popup): Promise<number> {
  const page = await context.newPage();
  await page.addInitScript((selector) => {
    const seen = new Promise<number>((resolve) => {
      const look = () => {
        if (selector.split(',').every((part) => document.querySelector(part))) {
          requestAnimationFrame(() => resolve(performance.now()));
        } else requestAnimationFrame(look);
      };
      look();
    });
    Object.assign(globalThis, { usableAfter: seen });
  }, usable);
  await page.goto(url);
  const milliseconds = await page.evaluate((): Promise<number> => Reflect.get(globalThis, 'usableAfter'));
  await page.close();
  return milliseconds;
}
