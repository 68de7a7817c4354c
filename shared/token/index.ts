/** The signed, single-use permission to run exactly these args: minting for intake, verification for anyone. */
export { MAX_LIFETIME_SECONDS, TOKEN_TYPE, type TokenClaims, tokenClaims } from './claims.ts';
export { generateSigningKey, mintToken, type SigningKey } from './mint.ts';
export {
  CLOCK_TOLERANCE_SECONDS,
  issuedAt,
  keyIdOf,
  type TokenExpectations,
  type TokenVerdict,
  verifyToken,
} from './verify.ts';
