import { useState } from 'preact/hooks';
import { type Row, recentItem } from '../keep/items.ts';
import { useStored } from '../keep/use-stored.ts';
import type { Command } from './command.ts';
import { commandsNow, type FrameCommands } from './commands.ts';
import { Palette } from './Palette.tsx';

type Props = { frame: FrameCommands; waiting: Row[]; onClose: () => void };

/** The palette with what could be done when it was opened: a list that changes under the arrows is of no use. */
export function PaletteHost({ frame, waiting, onClose }: Props) {
  const recent = useStored(recentItem);
  return recent === undefined ? null : (
    <Opened frame={frame} recent={recent} waiting={waiting} onClose={onClose} />
  );
}

function Opened({ frame, recent, waiting, onClose }: Props & { recent: Row[] }) {
  const [commands] = useState<Command[]>(() => commandsNow(frame, recent, waiting));
  return <Palette commands={commands} onClose={onClose} />;
}
