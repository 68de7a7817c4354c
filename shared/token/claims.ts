import { z } from 'zod';

/** The longest that a token lives, in seconds from `iat` to `exp`. */
export const MAX_LIFETIME_SECONDS = 300;

/** The media type in the header (`typ`), so that no other JWT signed with the same key can pass for a token. */
export const TOKEN_TYPE = 'approval+jwt';

const seconds = z.int().nonnegative();
const sha256 = z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)]);

/** What a token says: this agent may run this tool, once, with the args of this digest. */
export const tokenClaims = z
  .strictObject({
    /** The intake that signed it. */
    iss: z.string().min(1),
    /** The one gateway audience that it is meant for. */
    aud: z.string().min(1),
    /** The agent that asked. */
    sub: z.string().min(1),
    jti: z.string().min(1),
    /** Seconds since 1970, as RFC 7519 counts. */
    iat: seconds,
    exp: seconds,
    request_id: z.string().min(1),
    workspace: z.string().min(1),
    tool: z.string().min(1),
    args_digest: sha256,
    policy_digest: z.string().min(1),
    effect: z.enum(['allow', 'approval_required', 'review_after']),
    /** Ids of the people whose approvals released it; empty where policy alone allowed the call. */
    approvers: z.array(z.string().min(1)),
  })
  .refine((claims) => claims.exp > claims.iat && claims.exp - claims.iat <= MAX_LIFETIME_SECONDS, {
    path: ['exp'],
    message: `must lie after iat, by at most ${MAX_LIFETIME_SECONDS} seconds`,
  });

export type TokenClaims = z.infer<typeof tokenClaims>;
