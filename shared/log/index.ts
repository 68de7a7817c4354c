/** What of an error may be written down: never what a caller sent or Redis holds (law 12). */
import type { Logger } from 'pino';

/**
 * Its kind, message, code and frames, and nothing else that hangs on it: an error of Redis carries the command that
 * failed, with payloads and hashes of keys among its arguments. A parser's message quotes what it read, so it goes too.
 */
function loggable(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    type: error.name,
    message: error instanceof SyntaxError ? 'what was read is not well-formed' : error.message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    stack: frames.join('\n'),
  };
}

/** The same logger, for errors of any origin. */
export function withSafeErrors(logger: Logger): Logger {
  return logger.child({}, { serializers: { err: loggable } });
}
