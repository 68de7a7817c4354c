import { say } from '../words/say.ts';

type Props = {
  /** Last characters that may be seen, or nothing. */
  tail: string;
  /** What it is, for whoever only hears the button. */
  label: string;
  onUncover: () => void;
  /** The path to confirm, where that has to wait for the value. */
  confirm?: string | undefined;
};

/** A value that stays covered until it is asked for. Its length is not told either. */
export function Covered({ tail, label, onUncover, confirm }: Props) {
  return (
    <span class="covered" data-confirm={confirm}>
      <span aria-hidden="true">••••••••{tail}</span>
      <span class="aside">{say('covered')}</span>
      <button type="button" class="link" aria-label={say('uncover_label', label)} onClick={onUncover}>
        {say('uncover')}
      </button>
      {confirm !== undefined && <small>{say('uncover_to_confirm')}</small>}
    </span>
  );
}
