/** That the extension's benchmark runs; its figures are for `npm run bench:extension`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureHeap } from '../../bench/extension/heap.ts';
import { measureOpening } from '../../bench/extension/opening.ts';
import { type ExtensionSetting, openExtensionSetting } from '../../bench/extension/setting.ts';

let setting: ExtensionSetting;
beforeAll(async () => {
  setting = await openExtensionSetting(64);
});
afterAll(() => setting?.stop());

test('opening the popup is compared with an empty extension’s', async () => {
  const { browser, ours, empty } = setting;
  const figure = await measureOpening(browser.context, ours, empty, 1);
  expect(figure.ratio).toMatch(/^-?[\d.]+ ms more$/);
});

test('the heap is compared before and after deciding', async () => {
  const figure = await measureHeap(setting.browser.context, setting.ours.url, 3);
  expect(Number(figure.ratio)).toBeGreaterThan(0);
});
