/** The command line as a process: its streams, its signals, its environment. */
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { runCommand } from './program.ts';

const { COUNTERSIGN_URL, COUNTERSIGN_KEY, REDIS_URL, PATH, NO_COLOR } = process.env;
const { PUBLIC_URL, SMTP_URL, MAIL_FROM, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM } = process.env;
const sending = { PUBLIC_URL, SMTP_URL, MAIL_FROM, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM };
const { TRACE_REVIEWERS } = process.env;
const openTelemetry = Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_'));
const tracing = { TRACE_REVIEWERS, ...Object.fromEntries(openTelemetry) };

/** npm passes Ctrl-C on to a process that has had it already; a person takes longer to press it again. */
const IMPATIENT_AFTER_MS = 1_000;

const interruption = new Promise<void>((resolve) => {
  let first: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      first ??= Date.now();
      resolve();
      if (!waiting || Date.now() - first > IMPATIENT_AFTER_MS) process.exit(130);
    });
  }
});
/** Only a command that cleans up after itself may take its time over an interruption. */
let waiting = false;

const code = await runCommand(process.argv.slice(2), join(import.meta.dirname, '..'), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  async ask(question) {
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await prompt.question(question);
    prompt.close();
    return answer;
  },
  interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
  columns: process.stdout.columns ?? 100,
  color: process.stdout.isTTY === true && !NO_COLOR,
  env: { COUNTERSIGN_URL, COUNTERSIGN_KEY, REDIS_URL, PATH, ...sending, ...tracing },
  interrupted() {
    waiting = true;
    return interruption;
  },
});
// Not left to the event loop: a part that could not be stopped must not keep the process alive.
process.exit(code);
