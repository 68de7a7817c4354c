import type { Segment } from '@countersign/shared/plain';
import { Plain } from './Plain.tsx';

/** The sentence that says what will happen, its values marked. */
export function Title({ segments }: { segments: Segment[] }) {
  return (
    <>
      {segments.map((segment, i) =>
        'text' in segment ? (
          <Plain key={i} text={segment.text} />
        ) : (
          <em key={i} class={segment.missing ? 'missing' : undefined}>
            <Plain text={segment.value} />
          </em>
        ),
      )}
    </>
  );
}
