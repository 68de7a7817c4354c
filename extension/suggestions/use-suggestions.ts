import type { RunningPolicy, Suggestions } from '@countersign/shared/contracts';
import { useEffect, useState } from 'preact/hooks';
import { type Found, getPolicy, getSuggestions } from '../api/suggestions.ts';
import type { Connection } from '../keep/items.ts';
import { auditsItem, foundBy } from './audits.ts';
import { useWork, type Work } from './use-work.ts';

/** What the history was asked with: a backtest is asked the same. */
export type Asked = Found & { from: string };

export type Reading = Work<Suggestions> & {
  asked: Asked;
  /** The policy that runs; null while it is read, and where it can not be. */
  policy: RunningPolicy | null;
  readAgain: () => void;
};

/** What was last read, so that a way back from a request does not read the whole log again. */
let last: { of: string; asked: Asked; result: Suggestions } | undefined;

/** How often the policy that runs is looked at: whoever has merged a change waits to see it. ms. */
const lookEveryMs = 5_000;

/** Reads suggestions once, and again when it is asked to; and follows the policy that runs. */
export function useSuggestions(connection: Connection, from: string): Reading {
  const of = `${connection.key_id} ${from}`;
  const known = last?.of === of ? last : undefined;
  const work = useWork<Suggestions>(known?.result ?? null);
  const [asked, setAsked] = useState<Asked>(known?.asked ?? { from, audited: [], cleared: [] });
  const [policy, setPolicy] = useState<RunningPolicy | null>(null);

  const readAgain = () =>
    work.begin(async (telling) => {
      const now = { from, ...foundBy(await auditsItem.getValue()) };
      const answer = await getSuggestions(connection, now, telling);
      if (answer.ok) {
        last = { of, asked: now, result: answer.value };
        setAsked(now);
      }
      return answer;
    });
  useEffect(() => {
    if (last?.of !== of) readAgain();
  }, [of]);

  useEffect(() => {
    let wanted = true;
    const look = async () => {
      const answer = await getPolicy(connection);
      if (wanted && answer.ok)
        setPolicy((now) => (now?.digest === answer.value.digest && !hasTrial(now) ? now : answer.value));
    };
    void look();
    const timer = setInterval(() => document.visibilityState === 'visible' && void look(), lookEveryMs);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [connection]);
  return { ...work, asked, policy, readAgain };
}

/** A trial ends without another policy. */
const hasTrial = ({ rules }: RunningPolicy): boolean => rules.some(({ trial }) => trial !== undefined);
