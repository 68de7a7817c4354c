/** `POST /v1/requests/{id}/decision` and its preview. */
import { canonicalize } from '@countersign/shared/canonical';
import type { Decide, EditPreview, JsonObject, Problem } from '@countersign/shared/contracts';
import { problem } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import { type PolicyAnswer, strengthen } from '@countersign/shared/policy';
import { changesBetween, type Loaded, type Payload } from '@countersign/shared/request';
import type { OfBatch } from '../lifecycle/command.ts';
import type { GrantAsked } from '../lifecycle/grant.ts';
import { asFarAs } from '../lifecycle/ladder.ts';
import { newSalt, newUlid } from '../random.ts';
import { type StoredWords, type Transacted, transact } from '../store/transact.ts';
import { unreadable } from './act.ts';
import { editOf, judge } from './edit.ts';
import { matchOf } from './grants.ts';
import { rememberDenial } from './repeated-denial.ts';
import type { Caller, Service } from './service.ts';

/** Gives a reviewer's verdict; `batch` is the one in which the request was shown to them. */
export async function decideRequest(
  service: Service,
  caller: Caller,
  id: string,
  body: Decide,
  batch?: { id: string; attention?: OfBatch },
): Promise<Transacted> {
  if (body.args !== undefined && body.verdict === 'reject') {
    const refusal = problem(
      'edit_invalid',
      'Edited arguments go with an approval. Reject without args, and say why in reason.',
    );
    return { ok: false, problem: refusal, current: caller.current };
  }
  if (body.grant !== undefined && body.verdict === 'reject') {
    const refusal = problem('grant_not_allowed', 'A grant goes with an approval. Reject without grant.');
    return { ok: false, problem: refusal, current: caller.current };
  }
  const given = body.args && argsDigest(canonicalize(body.args));
  const done = await transact(service, caller.workspace, id, async (loaded, current) => {
    const refusal = unreadable(caller, loaded);
    if (refusal !== undefined) return { refusal };
    const args = loaded.payloads.current?.args ?? {};
    const { snapshot, now } = current;
    const { answer, shares, limits } = await judge(service.redis, current, loaded, args);
    const edit =
      body.args === undefined ? undefined : await editOf(service.redis, current, loaded, body.args);
    const payload: Payload | undefined = edit && {
      args: edit.args,
      salt: newSalt(),
      why: edit.answer.rules,
    };
    return {
      command: {
        kind: 'decide',
        reviewer: caller.key.owner,
        verdict: body.verdict,
        seen: body.seen,
        args,
        answer,
        shares,
        ...(body.reason === undefined ? {} : { reason: body.reason }),
        ...(body.confirm === undefined ? {} : { confirm: body.confirm }),
        ...(edit === undefined ? {} : { edit }),
        ...(given === undefined ? {} : { given }),
        ...(body.grant === undefined ? {} : { grant: grantAsked(loaded, args, answer, body.grant, now) }),
        ...(body.attention === undefined ? {} : { attention: body.attention }),
        ...(batch === undefined ? {} : { batch: batch.id }),
        ...(batch?.attention === undefined ? {} : { batch_attention: batch.attention }),
      },
      ...(payload === undefined ? {} : { payload }),
      limits: body.verdict === 'approve' ? (edit?.limits ?? limits) : [],
      ...(body.reason === undefined
        ? {}
        : { words: reasonGiven(snapshot.keys.questions(id), 'verdict', body.reason, now) }),
    };
  });
  if (done.ok && done.changed && done.loaded.record.status === 'rejected')
    await rememberDenial(service.redis, done.current.snapshot.keys, done.loaded);
  return done;
}

/** A reviewer's reason as words of the request's, so that the log commits to it and it can be erased. */
export function reasonGiven(key: string, said: 'verdict' | 'review', text: string, now: number): StoredWords {
  return { key, field: `${said}:${newUlid(now)}`, text: JSON.stringify({ text, salt: newSalt() }) };
}

/** What a reviewer wants granted, with what makes calls like this one alike now. */
function grantAsked(
  { record, payloads }: Loaded,
  args: JsonObject,
  answer: PolicyAnswer,
  { calls, seconds }: NonNullable<Decide['grant']>,
  now: number,
): GrantAsked {
  const said = record.context_trusted ? payloads.first?.said?.context : undefined;
  const match = matchOf({ ...record, args, ...(said === undefined ? {} : { context: said }) }, answer);
  // Where nothing is alike nothing can be granted, and the lifecycle refuses before it looks at the match.
  return { id: `grt_${newUlid(now)}`, calls, for_ms: seconds * 1000, match: match ?? '' };
}

/** What policy and schema say of an edit, without doing anything. */
export async function previewEdit(
  service: Service,
  caller: Caller,
  id: string,
  args: JsonObject,
): Promise<EditPreview | Problem> {
  let preview: EditPreview | undefined;
  const read = await transact(service, caller.workspace, id, async (loaded, current) => {
    const refusal = unreadable(caller, loaded);
    if (refusal !== undefined) return { refusal };
    const { record, payloads } = loaded;
    const edit = await editOf(service.redis, current, loaded, args);
    const judged = edit ?? (await judge(service.redis, current, loaded, args));
    const answer = asFarAs(record, judged.answer);
    const { terms, stricter } = strengthen(record.terms, answer.terms);
    const denied = answer.effect === 'deny';
    const messages = answer.messages;
    const wanted = terms.requirements.map(({ slots }) => slots.reduce((sum, slot) => sum + slot.need, 0));
    preview = {
      ok: edit?.problem === undefined && !denied,
      ...(edit?.problem === undefined ? {} : { code: edit.problem.code, detail: edit.problem.detail }),
      ...(denied && edit?.problem === undefined
        ? { code: 'edit_denied', detail: messages.join(' ') || 'Policy denies the edited arguments.' }
        : {}),
      args_digest: edit?.digest ?? record.args_digest,
      tier: terms.tier,
      raised: stricter,
      rules: answer.rules.map((rule) => rule.name),
      messages,
      changes: changesBetween(payloads.current?.args ?? {}, args),
      needed: Math.max(0, ...wanted),
    };
    return { command: { kind: 'wake' } };
  });
  return read.ok && preview !== undefined ? preview : (read as Transacted & { ok: false }).problem;
}
