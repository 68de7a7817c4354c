/** Plays one sequence on a popup, with the browser's own pointer and keyboard. */
import type { CDPSession, Page } from 'playwright-core';
import type { Input } from './sequence.ts';

/** What the outside world does when a sequence says so. */
export type World = {
  ids: string[];
  /** The agent proposes one more. */
  arrive: () => Promise<void>;
  /** A colleague edits that request, if it still waits and takes edits. */
  edit: (id: string) => Promise<void>;
};

/** The middle of Approve in a popup of 400 × 600: buttons keep their places. */
export type Spot = { x: number; y: number };

export async function play(
  page: Page,
  session: CDPSession,
  inputs: Input[],
  spot: Spot,
  world: World,
): Promise<void> {
  await page.mouse.move(spot.x, spot.y);
  for (const input of inputs) await playOne(page, session, input, spot, world);
  // Whatever is still down comes up.
  await page.mouse.up();
}

async function playOne(
  page: Page,
  session: CDPSession,
  input: Input,
  spot: Spot,
  world: World,
): Promise<void> {
  const { mouse, keyboard } = page;
  switch (input.kind) {
    case 'clicks':
      await mouse.move(spot.x, spot.y);
      for (let i = 0; i < input.times; i += 1) {
        await mouse.down();
        await mouse.up();
        await pass(page, input.gap);
      }
      return;
    case 'press':
      await mouse.move(spot.x, spot.y);
      return mouse.down();
    case 'release':
      return mouse.up();
    case 'wander':
      return mouse.move(spot.x - 150, spot.y - 200);
    case 'strike':
      for (let i = 0; i < input.times; i += 1) {
        await keyboard.press(input.key);
        await pass(page, input.gap);
      }
      return;
    case 'hold':
      await keyboard.down(input.key);
      for (let i = 0; i < input.repeats; i += 1) await keyboard.down(input.key);
      if (input.during) await playOne(page, session, input.during, spot, world);
      return keyboard.up(input.key);
    case 'tab':
      for (let i = 0; i < input.times; i += 1) await keyboard.press('Tab');
      return keyboard.press(input.key);
    case 'key':
      return keyboard.press(input.key);
    case 'next':
      return keyboard.press('j');
    case 'previous':
      return keyboard.press('k');
    case 'open': {
      const id = world.ids[input.which % world.ids.length];
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `#/request/${id}`);
      return;
    }
    case 'arrives':
      return world.arrive();
    case 'edited': {
      const id = new URL(page.url()).hash.split('/')[2];
      if (id !== undefined) await world.edit(id);
      return;
    }
    case 'look_again':
      return page.evaluate(() => {
        const buttons = [...document.querySelectorAll('.news button')];
        for (const button of buttons) if (button instanceof HTMLElement) button.click();
      });
    case 'window':
      await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
      await pass(page, input.away);
      await session.send('Emulation.setFocusEmulationEnabled', { enabled: true });
      return;
    case 'focus_stolen':
      return page.evaluate(() => {
        const approve = document.querySelector('button.approve');
        if (approve instanceof HTMLElement) approve.focus();
      });
    case 'wait':
      return pass(page, input.milliseconds);
  }
}

/** Time is part of what is played, not something that is waited out. */
async function pass(page: Page, milliseconds: number): Promise<void> {
  if (milliseconds > 0) await page.waitForTimeout(milliseconds);
}
