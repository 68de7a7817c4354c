/** `POST /v1/tokens/consume`: the one gate before a tool runs. */
import { canonicalize } from '@countersign/shared/canonical';
import { type Consumed, type JsonObject, type Problem, problem } from '@countersign/shared/contracts';
import { argsDigest } from '@countersign/shared/digest';
import { verifyToken } from '@countersign/shared/token';
import { ulid } from 'ulid';
import { transact } from '../store/transact.ts';
import { type Caller, maySpeakFor, type Service } from './service.ts';
import { audienceOfTokens } from './view.ts';

/** Verifies a token against these args and uses its approval up. The args in the answer are what may run. */
export async function consumeToken(
  service: Service,
  caller: Caller,
  body: { token: string; args: JsonObject },
  idempotencyKey: string | undefined,
): Promise<Consumed | Problem> {
  const verified = await verifyToken(body.token, service.signing.jwks, {
    issuer: service.signing.issuer,
    audience: audienceOfTokens(caller.workspace),
    now: caller.current.now,
  });
  if (!verified.ok) return problem('token_invalid', verified.message);
  const { claims } = verified;
  if (claims.workspace !== caller.workspace || !maySpeakFor(caller.key, claims.sub)) {
    return problem('agent_not_allowed', 'This token belongs to an agent that this key may not speak for.');
  }
  const digest = argsDigest(canonicalize(body.args));
  // Without a key from outside, the retries inside this one call still count as one.
  const idempotency = idempotencyKey ?? `call:${ulid()}`;
  const done = await transact(service, caller.workspace, claims.request_id, ({ record }) =>
    record.agent !== claims.sub || record.tool !== claims.tool || record.args_digest !== claims.args_digest
      ? { refusal: problem('token_invalid', 'The token does not belong to the request as it stands.') }
      : { command: { kind: 'consume', agent: claims.sub, jti: claims.jti, digest, idempotency } },
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
