/** JSON as the contract carries it. */
import { z } from 'zod';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/**
 * A JSON object passed through by reference: the strict parser has already checked every value in it,
 * and a copy could lose keys such as `__proto__`.
 */
export const JsonObject = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'must be a JSON object',
  })
  .meta({ type: 'object', additionalProperties: true });

/** Any JSON value, by reference. */
export const Json = z
  .custom<Json>((value) => value !== undefined, { error: 'must be a JSON value' })
  .meta({});
