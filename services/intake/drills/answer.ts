/** A reviewer's verdict on the card in front, and what they are told of it. */
import {
  type AnswerDrill,
  type DrillAnswered,
  type DrillFeedback,
  type Problem,
  problem,
} from '@countersign/shared/contracts';
import type { Redis } from 'ioredis';
import { missingConfirmations } from '../lifecycle/friction.ts';
import type { Caller, Service } from '../requests/service.ts';
import { feedbackOn, isCorrect } from './card.ts';
import { type InFront, makeCard, nextCard, shown, shownDrill } from './in-front.ts';
import { type DrillRecord, isUnderWay, withItem } from './record.ts';
import { busy, noDrill, rounds } from './refusals.ts';
import { ending, eventOf, readDrill, type Stored, writeDrill } from './stored.ts';

/** `POST /v1/drills/{id}/answers`. The same answer again gets the same feedback. */
export async function answerDrill(
  { redis }: Pick<Service, 'redis'>,
  caller: Caller,
  id: string,
  body: AnswerDrill,
): Promise<DrillAnswered | Problem> {
  const { key, current } = caller;
  const { keys } = current.snapshot;
  for (let round = 0; round < rounds; round++) {
    const before = await readDrill(redis, keys, key.owner);
    if (before.drill?.id !== id) return noDrill(id);
    const repeat = await repeated(redis, caller, before.drill, body);
    if (repeat !== undefined) return repeat;
    if (!isUnderWay(before.drill, current.now)) return noDrill(id);
    const next = await nextCard(redis, caller, before.drill);
    const refusal = refusalOf(next, body);
    if (next.card === undefined || refusal !== undefined) return refusal ?? noDrill(id);
    const { at, card } = next;
    const { wrong } = next.drill.items[at] ?? { wrong: false };
    const { kind, difficulty } = card.fault;
    const { verdict } = body;
    const answer = {
      verdict,
      args_digest: body.seen.args_digest,
      ...(wrong ? { fault: { kind, difficulty } } : {}),
    };
    const touched = { ...withItem(next.drill, at, { answer }), touched_at: current.now };
    const following = await nextCard(redis, caller, touched);
    const over = following.card === undefined;
    const after: Stored = over
      ? ending(before, following.drill, { at: current.now, why: 'finished' })
      : { ...before, drill: touched };
    const events =
      over && after.drill !== undefined ? [eventOf('drill.ended', key.owner, after.drill, current.now)] : [];
    if (!(await writeDrill(redis, keys, key.owner, before, after, events, current.now))) continue;
    const feedback = feedbackOn(card, { wrong }, body.card, verdict);
    return { feedback, drill: shown(over && after.drill ? { drill: after.drill } : following) };
  }
  return busy;
}

/** Why an answer is not taken, if it is not: for another card than the one to be decided, unseen, or unconfirmed. */
function refusalOf(next: InFront, body: AnswerDrill): Problem | undefined {
  if (next.card === undefined || next.at !== body.card - 1)
    return problem('stale', `Card ${body.card} is not the one to be decided. Read the drill again.`);
  const { request } = next.card;
  const { seen, verdict, confirm = {} } = body;
  if (seen.args_digest !== request.args_digest || seen.version !== request.version)
    return problem('stale', 'This is not what the card shows. Read the drill again.');
  if (verdict === 'reject') return undefined;
  const missing = missingConfirmations(request.friction, request.args, confirm);
  if (missing.length === 0) return undefined;
  const detail = `Confirm the value of ${missing.join(', ')} as it stands in the arguments, in \`confirm\`.`;
  return problem('confirmation_missing', detail, { missing, friction: request.friction });
}

/** One's own answer again, whose own answer was lost; or another to a card that has one. */
async function repeated(
  redis: Redis,
  caller: Caller,
  drill: DrillRecord,
  { card: number, verdict, seen }: AnswerDrill,
): Promise<DrillAnswered | Problem | undefined> {
  const item = drill.items[number - 1];
  if (item?.answer === undefined) return undefined;
  if (item.answer.verdict !== verdict || item.answer.args_digest !== seen.args_digest)
    return problem('card_answered', `Card ${number} has your answer. Read the drill for the next one.`);
  const card = await makeCard(redis, caller, drill, number - 1);
  const plain: DrillFeedback = {
    ...{ card: number, verdict, wrong: item.wrong },
    correct: isCorrect(verdict, item.wrong),
  };
  const feedback = card === undefined ? plain : feedbackOn(card, item, number, verdict);
  return { feedback, drill: await shownDrill(redis, caller, drill) };
}
