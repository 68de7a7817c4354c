import { revealedLine, type Segment } from '@countersign/shared/plain';
import type { Row } from '../keep/items.ts';
import { pages } from '../surface/Navigation.tsx';
import { go } from '../surface/route.ts';
import { say } from '../words/say.ts';
import type { Command } from './command.ts';
import { commandsOnScreen } from './on-screen.ts';

/** What the frame can do beside what its pages show. Absent where it cannot now. */
export type FrameCommands = {
  next: (() => void) | undefined;
  previous: (() => void) | undefined;
  skip: (() => void) | undefined;
  help: () => void;
};

/** All that can be done now: on this page, by the frame's keys, the pages, the requests looked at last and waiting. */
export function commandsNow(
  frame: FrameCommands,
  recent: readonly Row[],
  waiting: readonly Row[],
): Command[] {
  const known = new Set(recent.map(({ id }) => id));
  return [
    ...commandsOnScreen(),
    ...ofFrame('next', 'J', frame.next),
    ...ofFrame('previous', 'K', frame.previous),
    ...ofFrame('skip', 'S', frame.skip),
    ...ofFrame('help', '?', frame.help),
    ...pages().map(({ place, name }) => ({
      id: `page-${name}`,
      label: say(name),
      kind: say('palette_page'),
      run: () => go(place),
    })),
    {
      id: 'page-drill',
      label: say('drill_title'),
      kind: say('palette_page'),
      run: () => go({ kind: 'drill' }),
    },
    ...recent.map((row) => ofRequest(row, say('palette_recent'))),
    ...waiting.filter(({ id }) => !known.has(id)).map((row) => ofRequest(row, say('palette_waiting'))),
  ];
}

function ofFrame(
  name: 'next' | 'previous' | 'skip' | 'help',
  key: string,
  run: (() => void) | undefined,
): Command[] {
  return run ? [{ id: name, label: say(`palette_${name}`), kind: say('palette_go'), key, run }] : [];
}

function ofRequest(row: Row, kind: string): Command {
  return {
    id: row.id,
    label: `${row.title.map(textOf).join('')} · ${revealedLine(row.agent)}`,
    kind,
    run: () => go({ kind: 'request', id: row.id, step: 'look' }),
  };
}

function textOf(segment: Segment): string {
  return revealedLine('text' in segment ? segment.text : segment.value);
}
