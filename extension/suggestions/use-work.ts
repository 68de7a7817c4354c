import { useEffect, useRef, useState } from 'preact/hooks';
import type { Progress } from '../api/lines.ts';
import type { Telling } from '../api/suggestions.ts';
import type { Answer, Trouble } from '../api/trouble.ts';

export type Work<T> = {
  /** What came of the last time it was done to its end. */
  result: T | null;
  /** Null while nothing is under way. */
  progress: Progress | null;
  trouble: Trouble | null;
  /** Begins it anew; what was under way ends. */
  begin: (work: (telling: Telling) => Promise<Answer<T>>) => void;
  /** Ends it, here and at the server. */
  stop: () => void;
};

const beginning: Progress = { stage: 'waiting', done: 0, of: 0 };

/** Work of a server that takes a while: one at a time, and no longer than somebody looks at the page. */
export function useWork<T>(before: T | null = null): Work<T> {
  const [result, setResult] = useState<T | null>(before);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const running = useRef<AbortController | null>(null);
  const stop = () => {
    running.current?.abort();
    running.current = null;
    setProgress(null);
  };
  useEffect(() => () => running.current?.abort(), []);
  const begin: Work<T>['begin'] = (work) => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    setProgress(beginning);
    setTrouble(null);
    const onProgress = (told: Progress) => running.current === mine && setProgress(told);
    void work({ signal: mine.signal, onProgress }).then((answer) => {
      if (running.current !== mine) return;
      running.current = null;
      setProgress(null);
      if (answer.ok) setResult(answer.value);
      else setTrouble(answer.trouble);
    });
  };
  return { result, progress, trouble, begin, stop };
}
