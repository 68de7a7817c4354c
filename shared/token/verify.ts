import { decodeJwt, decodeProtectedHeader, errors, type JSONWebKeySet, type JWK, jwtVerify } from 'jose';
import { MAX_LIFETIME_SECONDS, TOKEN_TYPE, type TokenClaims, tokenClaims } from './claims.ts';

/** How far the clocks of signer and verifier may disagree, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 5;

export type TokenExpectations = {
  /** The `iss` that must have signed it. */
  issuer: string;
  /** The `aud` that this verifier answers to. */
  audience: string;
  /** The present, in milliseconds since 1970; intake passes Redis `TIME`. */
  now: number;
};

/**
 * How 64 bytes end: unpadded (RFC 7515, section 2), and with no bits set that stand for nothing. Decoders overlook
 * both, so that the same signature would have several texts.
 */
const oneSpelling = /\.[\w-]{85}[AQgw]$/;

/** `message` says which check failed, in words that are safe to return and to log. */
export type TokenVerdict =
  | { ok: true; claims: TokenClaims }
  | { ok: false; code: 'token_invalid'; message: string };

/**
 * Whether a text is a token that this issuer signed for this audience and that is alive now: signature by
 * the key of the set that `kid` names, `typ`, `iss`, `aud`, age, and every claim in its shape. It says
 * nothing about single use, revocation or the args themselves; consuming does.
 *
 * @param token whatever the caller sent
 * @param jwks the issuer's published set; pass the same object each time, imported keys are cached by identity
 * @returns a refusal for every bad token
 * @throws only when the key set itself can not be used
 */
export async function verifyToken(
  token: unknown,
  jwks: JSONWebKeySet,
  expected: TokenExpectations,
): Promise<TokenVerdict> {
  if (typeof token !== 'string') return invalid('it is not a string');
  let payload: unknown;
  try {
    const result = await jwtVerify(token, (header) => publicKey(jwks, header.kid), {
      algorithms: ['Ed25519', 'EdDSA'],
      typ: TOKEN_TYPE,
      issuer: expected.issuer,
      audience: expected.audience,
      currentDate: new Date(expected.now),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      maxTokenAge: MAX_LIFETIME_SECONDS,
    });
    payload = result.payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return invalid(reason(error));
    throw error;
  }
  if (!oneSpelling.test(token)) return invalid('its signature is not in the one form of base64url');
  const claims = tokenClaims.safeParse(payload);
  if (!claims.success) return invalid(`its claim ${claims.error.issues[0]?.path.join('.') ?? ''} is wrong`);
  return { ok: true, claims: claims.data };
}

/** When a token says that it was issued, in ms; undefined where it says nothing sensible. Unverified. */
export function issuedAt(token: string): number | undefined {
  try {
    const { iat } = decodeJwt(token);
    return iat === undefined ? undefined : iat * 1000;
  } catch {
    return undefined;
  }
}

/** The `kid` of a token that was verified. Throws for one that names no key, which never is. */
export function keyIdOf(token: string): string {
  const { kid } = decodeProtectedHeader(token);
  if (kid === undefined) throw new Error('the token names no key');
  return kid;
}

function invalid(because: string): TokenVerdict {
  return { ok: false, code: 'token_invalid', message: `The token is not valid: ${because}.` };
}

/** Only a key that its `kid` names is tried, and only an Ed25519 one, whatever else the set holds. */
function publicKey(jwks: JSONWebKeySet, kid: string | undefined): JWK {
  const key = jwks.keys.find(
    (candidate) => candidate.kid === kid && candidate.kty === 'OKP' && candidate.crv === 'Ed25519',
  );
  if (kid === undefined || key === undefined) throw new errors.JWKSNoMatchingKey();
  return key;
}

function reason(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its ${error.claim} is not the expected one`;
  if (error instanceof errors.JWKSNoMatchingKey) return 'no published key has its kid';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its signature algorithm is not accepted';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not match';
  return 'it is malformed';
}
