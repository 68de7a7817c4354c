/** `POST /v1/tokens/consume`: the one gate before a tool runs. */
import { canonicalize } from '@countersign/shared/canonical';
import { type Consumed, type JsonObject, type Problem, problem } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import {
  CLOCK_TOLERANCE_SECONDS,
  issuedAt,
  keyIdOf,
  type TokenVerdict,
  verifyToken,
} from '@countersign/shared/token';
import { ulid } from 'ulid';
import { knownKeys } from '../signing/ring.ts';
import { transact } from '../store/transact.ts';
import { type Caller, maySpeakFor, type Service } from './service.ts';
import { audienceOfTokens } from './view.ts';

/**
 * A token's claims. One that has expired is read as of its issue where the call may be the repeat of an earlier one,
 * whose answer was lost: the lifecycle knows whether it is, and refuses it otherwise.
 */
async function readToken(
  service: Service,
  caller: Caller,
  token: string,
  mayRepeat: boolean,
): Promise<TokenVerdict> {
  const { now, snapshot } = caller.current;
  const jwks = { keys: knownKeys(snapshot.ring, now) };
  const expected = { issuer: service.issuer, audience: audienceOfTokens(caller.workspace), now };
  const verdict = await verifyToken(token, jwks, expected);
  if (verdict.ok || !mayRepeat) return verdict;
  const issued = issuedAt(token);
  if (issued === undefined || issued > expected.now) return verdict;
  const then = await verifyToken(token, jwks, { ...expected, now: issued });
  return then.ok ? then : verdict;
}

/** Verifies a token against these args and uses its approval up. The args in the answer are what may run. */
export async function consumeToken(
  service: Service,
  caller: Caller,
  body: { token: string; args: JsonObject },
  idempotencyKey: string | undefined,
): Promise<Consumed | Problem> {
  const verified = await readToken(service, caller, body.token, idempotencyKey !== undefined);
  if (!verified.ok) return problem('token_invalid', verified.message);
  const { claims } = verified;
  if (claims.workspace !== caller.workspace || !maySpeakFor(caller.key, claims.sub)) {
    return problem('agent_not_allowed', 'This token belongs to an agent that this key may not speak for.');
  }
  const kid = keyIdOf(body.token);
  const digest = argsDigest(canonicalize(body.args));
  const token_until = (claims.exp + CLOCK_TOLERANCE_SECONDS) * 1000;
  // Without a key from outside, the retries inside this one call still count as one.
  const idempotency = idempotencyKey ?? `call:${ulid()}`;
  const done = await transact(service, caller.workspace, claims.request_id, ({ record }) =>
    record.agent !== claims.sub || record.tool !== claims.tool || record.args_digest !== claims.args_digest
      ? { refusal: problem('token_invalid', 'The token does not belong to the request as it stands.') }
      : {
          command: {
            kind: 'consume',
            agent: claims.sub,
            jti: claims.jti,
            kid,
            digest,
            token_until,
            idempotency,
          },
        },
  );
  if (!done.ok) {
    return done.problem.code === 'not_found'
      ? problem('token_invalid', 'The request of this token has left the store.')
      : done.problem;
  }
  const { record, payloads } = done.loaded;
  const args = payloads.current?.args;
  if (args === undefined)
    return problem('token_invalid', 'The payload of this request was erased, so it cannot run.');
  return { request_id: record.id, tool: record.tool, args, args_digest: record.args_digest };
}
