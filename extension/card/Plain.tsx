import { say } from '../words/say.ts';
import { type Piece, reveal } from './disguise.ts';

/** Text that someone else wrote, as text: disguises shown, direction kept to itself, never markup. */
export function Plain({ text }: { text: string }) {
  return (
    <bdi class="plain">
      {reveal(text).map((piece, i) => (
        <Shown key={i} piece={piece} />
      ))}
    </bdi>
  );
}

function Shown({ piece }: { piece: Piece }) {
  switch (piece.kind) {
    case 'text':
      return <>{piece.text}</>;
    case 'mark':
      return (
        <span class="mark" title={say('mark_title', piece.code)}>
          {piece.count === 1 ? piece.code : `${piece.code}×${piece.count}`}
        </span>
      );
    case 'space':
      return <span class="mark">{say('mark_spaces', piece.count)}</span>;
    case 'lines':
      return <span class="mark">{say('mark_lines', piece.count)}</span>;
    case 'lookalike':
      return (
        <span class="lookalike">
          {piece.text}
          <span class="mark">{say(`lookalike_${piece.why}`)}</span>
        </span>
      );
  }
}

/** Text that may be long: the beginning, its length, and the rest when asked for. */
export function Folded({ text, limit = 600 }: { text: string; limit?: number }) {
  if (text.length <= limit) return <Plain text={text} />;
  return (
    <details class="folded">
      <summary>
        <Plain text={text.slice(0, limit)} />
        <span class="more">{say('show_all_characters', text.length)}</span>
      </summary>
      <Plain text={text.slice(limit)} />
    </details>
  );
}
