/** `npm run screenshots`: photographs every surface and state, light and dark, into docs/screenshots, and writes their page. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, launchExtension } from '../browser.ts';
import { startReviewIntake } from '../intake.ts';
import { decided, fill, type Shot, type Studio, signedOut, troubles, waiting } from './shots.ts';

const docs = join(import.meta.dirname, '../../../docs');
const sizes = {
  popup: { width: 400, height: 600 },
  sidepanel: { width: 400, height: 720 },
  card: { width: 1100, height: 720 },
};

const [intake, browser] = await Promise.all([startReviewIntake(), launchExtension()]);
const studio: Studio = { browser, intake, ids: {} };
try {
  await rm(join(docs, 'screenshots'), { recursive: true, force: true });
  await mkdir(join(docs, 'screenshots'), { recursive: true });
  for (const shot of signedOut) await photograph(shot);
  await fill(studio);
  await connect(browser, intake);
  for (const shot of [...waiting, ...decided, ...troubles]) await photograph(shot);
  await writeFile(join(docs, 'screenshots.md'), gallery([...signedOut, ...waiting, ...decided, ...troubles]));
} finally {
  await browser.close();
  await intake.stop();
}
process.exit();

async function photograph({ name, surface, place, arrange }: Shot): Promise<void> {
  const page = await browser.open(surface, place(studio));
  await page.setViewportSize(sizes[surface]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.locator('main, .blank, ul.queue').first().waitFor();
  await arrange?.(page, studio);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(docs, 'screenshots', `${name}-${colorScheme}.png`), caret: 'hide' });
  }
  await page.close();
  console.log(name);
}

function gallery(shots: Shot[]): string {
  const entry = ({ name, title, surface }: Shot) => {
    const width = surface === 'card' ? 800 : 380;
    const image = (scheme: string) =>
      `<img src="screenshots/${name}-${scheme}.png" width="${width}" alt="${title}, ${scheme}">`;
    return `## ${title}\n\n${image('light')} ${image('dark')}\n`;
  };
  return `# Every surface and state\n\nMade by \`npm run screenshots\`: the built extension in Chromium against a real intake.\n\n${shots.map(entry).join('\n')}`;
}
