/** A reviewer with a history to practise on, and drills as they stand in Redis: which cards are wrong. */
import type { Drill, DrillAnswered, JsonObject, RequestView } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import type { DrillRecord } from '../../../services/intake/drills/record.ts';
import type { Answer } from '../../support/intake.ts';
import { refund } from '../canaries/stage.ts';
import type { Stage } from '../stage.ts';

export const keys = workspaceKeys('default');

/** Proposes refunds and has them approved, as many as asked for. */
export async function approveRefunds(stage: Stage, count: number, tool?: string): Promise<RequestView[]> {
  const done: RequestView[] = [];
  for (let n = 0; n < count; n++) {
    const { tool: of, args, ...more } = refund(tool);
    const request = await stage.ask(of, args, more);
    const confirm = { amount: args.amount };
    const { status, body } = await stage.decide(stage.keys.reviewer, request, {
      verdict: 'approve',
      confirm,
    });
    if (status !== 200) throw new Error(`not approved: ${JSON.stringify(body)}`);
    done.push(body);
  }
  return done;
}

/** Starts a drill, of nine cards if nothing else is said; those of one's own history come before what everyone has. */
export const start = (stage: Stage, key = stage.keys.reviewer, body: JsonObject = { cards: 9 }) =>
  stage.call<Drill>(key, 'POST', '/v1/drills', body);

/** What Redis holds of somebody's drill; ann's when nobody else is named. */
export async function recordOf(stage: Stage, person = 'ann'): Promise<DrillRecord> {
  return JSON.parse((await stage.redis.hget(keys.drill(person), 'drill')) ?? 'null');
}

/** Answers the card that is in front: as it should be, or the other way round. */
export async function answer(
  stage: Stage,
  { id, card }: Drill,
  how: 'rightly' | 'wrongly',
  more: JsonObject = {},
): Promise<Answer<DrillAnswered>> {
  if (card === undefined) throw new Error('there is no card to answer');
  const { items } = await recordOf(stage);
  const wrong = items[card.number - 1]?.wrong === true;
  const verdict = wrong === (how === 'rightly') ? 'reject' : 'approve';
  const { version, args_digest, args, friction } = card.request;
  return stage.call(stage.keys.reviewer, 'POST', `/v1/drills/${id}/answers`, {
    card: card.number,
    verdict,
    seen: { version, args_digest },
    confirm: Object.fromEntries(friction.paths.map((path) => [path, args[path] ?? null])),
    ...more,
  });
}
