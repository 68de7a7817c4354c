import type { RequestView } from '@countersign/shared/contracts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Draft, dropDraft, emptyDraft, readDraft, writeDraft } from '../keep/drafts.ts';

export type DraftHandle = { draft: Draft; update: (part: Partial<Draft>) => void; drop: () => void };

/**
 * What has been typed for the version that is shown. Every keystroke is kept at once: a popup closes without warning.
 * Undefined until it has been read.
 */
export function useDraft(request: RequestView | null): DraftHandle | undefined {
  const key = request ? `${request.id}:${request.version}` : null;
  const [state, setState] = useState<{ key: string; draft: Draft }>();
  const latest = useRef(state);
  latest.current = state;
  const put = (next: { key: string; draft: Draft }) => {
    latest.current = next;
    setState(next);
  };

  useEffect(() => {
    if (!request || key === null) return;
    let wanted = true;
    readDraft(request.id, request.version).then((draft) => {
      if (wanted) put({ key, draft });
    });
    return () => {
      wanted = false;
    };
  }, [key]);

  if (!request || key === null || state?.key !== key) return undefined;
  return {
    draft: state.draft,
    update: (part) => {
      const draft = { ...(latest.current?.key === key ? latest.current.draft : emptyDraft), ...part };
      put({ key, draft });
      void writeDraft(request.id, request.version, draft);
    },
    drop: () => {
      // The card may show the version that the verdict made by now, whose draft this is not.
      if (latest.current?.key === key) put({ key, draft: emptyDraft });
      void dropDraft(request.id, request.version);
    },
  };
}
