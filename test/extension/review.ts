/** What most tests of the extension stand on: a browser with the extension in it, and the intake that it talks to. */
import { afterAll, afterEach } from 'vitest';
import { type BrowserOptions, connect, type ExtensionBrowser, launchExtension } from './browser.ts';
import { type IntakeOptions, type ReviewIntake, startReviewIntake } from './intake.ts';

export type Review = { intake: ReviewIntake; browser: ExtensionBrowser };

export type ReviewOptions = {
  /** Whether the browser is paired before the first test; true when absent. */
  connected?: boolean;
  /** How many of the first pages stay open between tests; the browser's own when absent. */
  keep?: number;
  browser?: BrowserOptions;
  intake?: IntakeOptions;
};

/**
 * Starts both for the tests of one file, to be awaited at its top; ends them after its last test. Pages are closed
 * after each test, and say what they showed where it failed.
 */
export async function review({
  connected = true,
  keep = 1,
  browser: options = {},
  intake: served = {},
}: ReviewOptions = {}): Promise<Review> {
  const intake = await startReviewIntake(served);
  afterAll(() => intake.stop());
  const browser = await launchExtension(options);
  afterAll(() => browser.close());
  afterEach(async ({ task }) => {
    const pages = browser.context.pages().slice(keep);
    if (task.result?.state === 'fail') {
      for (const page of pages) {
        const shown = await page.locator('body').ariaSnapshot({ timeout: 2_000 }).catch(String);
        console.error(`${page.url()} showed:\n${shown}`);
      }
    }
    for (const page of pages) await page.close();
  });
  if (connected) await connect(browser, intake);
  return { intake, browser };
}
