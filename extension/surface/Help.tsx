import { useEffect, useRef } from 'preact/hooks';
import { say } from '../words/say.ts';

const keys = [
  ['J / K', 'help_next'],
  ['A', 'help_approve'],
  ['R', 'help_reject'],
  ['E', 'help_edit'],
  ['S', 'help_skip'],
  ['Z', 'help_undo'],
  ['Q', 'help_ask'],
  ['C', 'help_claim'],
  ['.', 'help_raw'],
  ['B', 'help_batches'],
  ['X', 'help_batch'],
  ['Esc', 'help_back'],
  ['/', 'help_search'],
  ['Ctrl K', 'help_palette'],
  ['?', 'help_help'],
] as const;

/** The keys, in a dialog that Escape closes. */
export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">{say('help_title')}</h2>
      <dl>
        {keys.map(([key, phrase]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{say(phrase)}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        {say('close')}
      </button>
    </dialog>
  );
}
