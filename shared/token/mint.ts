import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { TOKEN_TYPE, type TokenClaims, tokenClaims } from './claims.ts';

/**
 * A key that signs tokens. `publicJwk` goes into the published set as it is; `privateJwk` is a secret. Keep
 * the object: its import is cached by identity (and it is frozen on first use).
 */
export type SigningKey = { kid: string; privateJwk: JWK; publicJwk: JWK };

/**
 * A fresh Ed25519 key. Its `kid` is the RFC 7638 thumbprint, so two keys never share one. The public half
 * carries no `alg`, because verifiers know the same signature as `Ed25519` and as `EdDSA`. One whose `kid` would begin
 * with a dash is thrown away: whoever has to deny it types it at a terminal, which would take it for an option.
 */
export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('Ed25519', { extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  if (!kty || !crv || !x || !d) throw new Error('the platform exported an incomplete Ed25519 key');
  const kid = await calculateJwkThumbprint({ kty, crv, x });
  if (kid.startsWith('-')) return generateSigningKey();
  return {
    kid,
    privateJwk: { kty, crv, x, d, kid, use: 'sig' },
    publicJwk: { kty, crv, x, kid, use: 'sig' },
  };
}

/**
 * Signs a token: a compact JWS, `alg` `Ed25519` (RFC 9864), `typ` `approval+jwt`.
 *
 * @throws ZodError when the claims are not those of a token, a life of over five minutes included: a bug in
 * the caller
 */
export async function mintToken(
  key: Pick<SigningKey, 'kid' | 'privateJwk'>,
  claims: TokenClaims,
): Promise<string> {
  return new SignJWT(tokenClaims.parse(claims))
    .setProtectedHeader({ alg: 'Ed25519', typ: TOKEN_TYPE, kid: key.kid })
    .sign(key.privateJwk);
}
