/**
 * For gateways that check a token before they ask to consume it. An entry of its own (`@countersign/sdk/token`),
 * because it needs jose and zod where the rest of the sdk needs nothing.
 */
export {
  type TokenClaims,
  type TokenExpectations,
  type TokenVerdict,
  verifyToken,
} from '@countersign/shared/token';
