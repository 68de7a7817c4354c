import type { PolicyDraft } from '@countersign/shared/contracts';
import { useState } from 'preact/hooks';
import { Plain } from '../card/Plain.tsx';
import { say } from '../words/say.ts';
import { folderOf, patchOf } from './patch.ts';

const fileName = 'countersign-policy.patch';

/** What would change in the policy files, line by line, to copy or to save; and what to do with it. */
export function PolicyDiff({ draft, workspace }: { draft: PolicyDraft; workspace: string }) {
  const [copied, setCopied] = useState(false);
  const folder = folderOf(workspace);
  const patch = patchOf(draft, folder);
  if (patch === '') return <p class="hint">{say('diff_none')}</p>;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(patch);
      setCopied(true);
    } catch {
      // The browser refused: the text is there to be selected.
      setCopied(false);
    }
  };
  return (
    <section class="policy-diff" aria-label={say('diff_title')}>
      <h3>{say('diff_title')}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, by key too */}
      <pre tabIndex={0}>
        {patch
          .trimEnd()
          .split('\n')
          .map((line, index) => (
            <Line key={index} line={line} />
          ))}
      </pre>
      <div class="ways">
        <button type="button" onClick={() => void copy()} onBlur={() => setCopied(false)}>
          <span aria-live="polite">{say(copied ? 'raw_copied' : 'diff_copy')}</span>
        </button>
        <button type="button" onClick={() => save(patch)}>
          {say('diff_save')}
        </button>
      </div>
      <p>{say('diff_next')}</p>
      <pre class="commands">{`git apply ${fileName}\ncountersign policy check ${folder}`}</pre>
      <p class="hint">{say('diff_then')}</p>
    </section>
  );
}

function Line({ line }: { line: string }) {
  const kind = /^(diff |new file|--- |\+\+\+ |@@)/.test(line)
    ? 'head'
    : line.startsWith('+')
      ? 'added'
      : line.startsWith('-')
        ? 'removed'
        : 'same';
  return (
    <span class={kind}>
      <Plain text={line} />
      {'\n'}
    </span>
  );
}

function save(patch: string): void {
  const address = URL.createObjectURL(new Blob([patch], { type: 'text/x-diff' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(address);
}
