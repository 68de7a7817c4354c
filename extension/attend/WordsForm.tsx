import type { RequestView } from '@countersign/shared/contracts';
import { titleOf } from '@countersign/shared/plain';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Tier } from '../card/Tier.tsx';
import { TimeLeft } from '../card/TimeLeft.tsx';
import { Title } from '../card/Title.tsx';
import { language } from '../words/say.ts';

type Props = {
  request: RequestView;
  label: string;
  hint: string;
  /** The most that the server takes. */
  longest: number;
  words: string;
  onWords: (words: string) => void;
  /** Told of each key that goes down in the box, before it types anything. */
  onKey?: (event: KeyboardEvent) => void;
  /** What sending them will do, in a sentence. */
  consequence: string;
  /** Stands between the request and the box. */
  before?: ComponentChildren;
  /** Stands under it all, where it may grow without moving the box. */
  after?: ComponentChildren;
};

/** A box for a reviewer's own words about a request, under the sentence that says what it is about. */
export function WordsForm({ request, label, hint, longest, words, onWords, ...more }: Props) {
  // Typing can begin at once, from the first frame on; nothing that decides ever gets the focus by itself.
  const box = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  return (
    <article class={`card ${request.tier}`} aria-labelledby="card-title">
      <div class="meta">
        <Tier tier={request.tier} />
        <TimeLeft request={request} />
      </div>
      <h1 id="card-title">
        <Title segments={titleOf(request, language())} />
      </h1>
      {more.before}
      <label class="box">
        <span>{label}</span>
        <textarea
          ref={box}
          rows={4}
          maxLength={longest}
          value={words}
          placeholder={hint}
          onKeyDown={more.onKey}
          onInput={(event) => onWords(event.currentTarget.value)}
        />
      </label>
      <p class="consequence">{more.consequence}</p>
      {more.after}
    </article>
  );
}
