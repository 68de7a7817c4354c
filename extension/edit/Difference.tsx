import type { Shown } from '@countersign/shared/plain';
import { Plain } from '../card/Plain.tsx';
import { Value } from '../card/Value.tsx';
import { say } from '../words/say.ts';
import { wordDiff } from './word-diff.ts';

/** A value beside what it was: the old struck out, the new marked, both said aloud as such. */
export function Difference({ before, after }: { before: Shown | null; after: Shown | null }) {
  if (before?.kind === 'text' && after?.kind === 'text') {
    return (
      <span class="diff">
        {wordDiff(before.text, after.text).map((stretch, i) =>
          stretch.kind === 'same' ? (
            <Plain key={i} text={stretch.text} />
          ) : stretch.kind === 'del' ? (
            <Gone key={i}>
              <Plain text={stretch.text} />
            </Gone>
          ) : (
            <New key={i}>
              <Plain text={stretch.text} />
            </New>
          ),
        )}
      </span>
    );
  }
  return (
    <span class="diff">
      {before && (
        <Gone>
          <Value shown={before} />
        </Gone>
      )}{' '}
      {after && (
        <New>
          <Value shown={after} />
        </New>
      )}
    </span>
  );
}

function Gone({ children }: { children: preact.ComponentChildren }) {
  return (
    <del>
      <span class="aside">{say('diff_removed')} </span>
      {children}
    </del>
  );
}

function New({ children }: { children: preact.ComponentChildren }) {
  return (
    <ins>
      <span class="aside">{say('diff_added')} </span>
      {children}
    </ins>
  );
}
