import { useEffect, useRef, useState } from 'preact/hooks';
import { say } from '../words/say.ts';
import type { Command } from './command.ts';
import { best } from './match.ts';

type Props = { commands: Command[]; onClose: () => void };

const most = 50;

/**
 * Everything that can be done now, by its name. A combobox over a list, so that a screen reader says each line that the
 * arrows reach while the focus stays in the box.
 */
export function Palette({ commands, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const chosen = useRef<Command | null>(null);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = best(typed, commands, most);
  const active = found[Math.min(at, found.length - 1)];

  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    dialog.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active?.id]);

  const choose = (command: Command | undefined) => {
    if (!command) return;
    chosen.current = command;
    dialog.current?.close();
  };
  const moveBy = (by: number) => {
    if (found.length > 0) setAt((Math.min(at, found.length - 1) + by + found.length) % found.length);
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label={say('palette')}
      onClose={() => {
        // Only now is the page behind it there again, with its keys and its focus.
        onClose();
        chosen.current?.run();
      }}
      closedby="any"
    >
      <input
        type="text"
        role="combobox"
        aria-label={say('palette')}
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={active ? `palette-${active.id}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder={say('palette_hint')}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') moveBy(1);
          else if (event.key === 'ArrowUp') moveBy(-1);
          else if (event.key === 'Enter' && !event.repeat && !event.isComposing) choose(active);
          else return;
          event.preventDefault();
        }}
      />
      <div id="palette-list" role="listbox" aria-label={say('palette')} tabIndex={-1}>
        {found.map((command) => (
          <div
            key={command.id}
            id={`palette-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === active}
            onClick={() => choose(command)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.repeat) choose(command);
            }}
          >
            <span class="label">{command.label}</span>
            <span class="kind">{command.kind}</span>
            {command.key !== undefined && <kbd>{command.key}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p class="blank" role="status">
          {say('palette_nothing')}
        </p>
      )}
    </dialog>
  );
}
