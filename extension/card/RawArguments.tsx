import type { Json, RequestView } from '@countersign/shared/contracts';
import { type At, type Mask, maskOf, pathOf } from '@countersign/shared/plain';
import { useState } from 'preact/hooks';
import { useKeys } from '../surface/keys.ts';
import { say } from '../words/say.ts';
import type { Looks } from './looks.ts';

/** The arguments as they are, as JSON: folded, opened by `.`, with a button that copies what it shows. */
export function RawArguments({ request, looks }: { request: RequestView; looks: Looks }) {
  const [open, setOpen] = useState(false);
  const [copied, setCopied] = useState(false);
  useKeys({
    '.': (repeat) => {
      if (!repeat) setOpen(!open);
    },
  });
  const mask = maskOf(request);
  const json = JSON.stringify(withCovers(request.args, mask, looks.uncovered), null, 2);
  const covers = json !== JSON.stringify(request.args, null, 2);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(json);
      setCopied(true);
    } catch {
      // The browser refused: the text is there to be selected.
      setCopied(false);
    }
  };
  return (
    <details
      class="raw-arguments"
      data-section="raw"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary title={say('raw_toggle_title')}>
        {say('raw_arguments')} <kbd>.</kbd>
      </summary>
      {open && (
        <>
          <button type="button" class="link copy" onClick={() => void copy()} onBlur={() => setCopied(false)}>
            <span aria-live="polite">{say(copied ? 'raw_copied' : 'raw_copy')}</span>
          </button>
          {/* JSON escapes do not cover bidirectional controls: they are escaped here, so that raw stays raw. */}
          <pre class="raw">{escaped(json)}</pre>
          {covers && <p>{say('raw_covered')}</p>}
          <p class="raw">{request.args_digest}</p>
        </>
      )}
    </details>
  );
}

/** The same value with dots in place of what is covered. */
function withCovers(value: Json, mask: Mask, uncovered: ReadonlySet<string>, at: At = []): Json {
  if (typeof value !== 'object' || value === null) {
    return mask(at, value) && !uncovered.has(pathOf(at)) ? '••••••••' : value;
  }
  // A line of the payload can be a whole list: uncovering it uncovers its items.
  if (at.length > 0 && uncovered.has(pathOf(at))) return value;
  if (Array.isArray(value))
    return value.map((item, i) => withCovers(item, mask, uncovered, [...at, String(i)]));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withCovers(inner, mask, uncovered, [...at, key])]),
  );
}

function escaped(json: string): string {
  return json.replaceAll(/[^\n\x20-\x7e\p{L}\p{N}\p{P}\p{S}]/gu, (character) => {
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}
