/** What could be planted: a call with one thing wrong, and the request of the last hour after which it is one more. Pure. */
import type { Json } from '@countersign/shared/contracts';
import type { Loaded } from '@countersign/shared/request';
import { schemaProblem } from '../requests/edit.ts';
import { areOrdinary, hasAnswered, idsLike, type Lately, partsOf } from './lately.ts';
import { type Draw, type Mutation, mutationsOf } from './mutate.ts';

export type Choice = {
  /** The request that it is made of. */
  source: Loaded;
  /** As it is kept: the id of that, or the name of a canary that somebody wrote. */
  from: string;
  mutation: Mutation;
  /** What its agent asked within the hour, alike in all that shows. */
  like: Lately;
  ids: { run_id?: string; call_id?: string };
};

/** Everything that could be wrong with it and would show, in an order drawn by chance. */
export function mutationsIn({ payloads: { current, first } }: Loaded, draw: Draw): Mutation[] {
  const said = first?.said ?? {};
  const call = {
    args: current?.args ?? {},
    said: [said.reason, typeof said.preview?.summary === 'string' ? said.preview.summary : undefined],
    behind: [said.context, said.transcript, said.preview as Json | undefined],
  };
  return mutationsOf(call, draw)
    .map((mutation) => ({ mutation, at: draw() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ mutation }) => mutation)
    .filter(({ args }) => schemaProblem(said.args_schema, args) === undefined);
}

/**
 * The ways to plant one made of this source. None where its agent asks nothing of the kind now, or where one that comes
 * from no run and answers no question would be known by that.
 *
 * @param asked what agents asked within the hour, newest first
 * @param now ms
 */
export function choicesOf(
  source: Loaded,
  from: string,
  mutations: readonly Mutation[],
  asked: readonly Lately[],
  now: number,
  draw: Draw,
): Choice[] {
  const { agent, tool } = source.record;
  const ofAgent = asked.filter(({ record }) => record.agent === agent);
  const alike = ofAgent.filter(
    (one) => one.record.tool === tool && partsOf(one) === partsOf(source) && one.record.version === 1,
  );
  const [like] = alike;
  if (like === undefined || !areOrdinary(alike) || ofAgent.some(hasAnswered)) return [];
  const ids = idsLike(like, ofAgent, now, draw);
  return ids === undefined ? [] : mutations.map((mutation) => ({ source, from, mutation, like, ids }));
}
