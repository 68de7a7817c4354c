import { foldAt, type Piece, reveal } from '@countersign/shared/plain';
import { say } from '../words/say.ts';

/**
 * Text that someone else wrote, as text: disguises shown, direction kept to itself, never markup. With a `limit`, its
 * beginning: about so many visible characters.
 */
export function Plain({ text, limit }: { text: string; limit?: number }) {
  const pieces = reveal(text);
  return <Pieces pieces={limit === undefined ? pieces : foldAt(pieces, limit).head} />;
}

/** Text that may be long: the beginning, its length, and the rest when asked for. */
export function Folded({ text, limit = 600 }: { text: string; limit?: number }) {
  const { head, rest } = foldAt(reveal(text), limit);
  if (rest.length === 0) return <Pieces pieces={head} />;
  return (
    <details class="folded">
      <summary>
        <Pieces pieces={head} />
        <span class="more">{say('show_all_characters', text.length)}</span>
      </summary>
      <Pieces pieces={rest} />
    </details>
  );
}

function Pieces({ pieces }: { pieces: Piece[] }) {
  return (
    <bdi class="plain">
      {pieces.map((piece, i) => (
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
