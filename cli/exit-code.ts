/** What a command's exit code says, for scripts. */
export const exitCode = {
  done: 0,
  /** The answer is no: refused by the server, a finding in a policy, a failing case. */
  refused: 1,
  /** The command was called wrongly, or something that it needs was not given. */
  usage: 2,
  /** It could not be tried: no server, no Redis, no Chromium. */
  unavailable: 3,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
