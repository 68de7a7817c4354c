/** `npm run demo`: an agent at work, on calls that were really made or on the example beside this file. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { createClient } from '../sdk/index.ts';
import { readCalls } from './calls.ts';
import { check } from './check.ts';
import { inert } from './inert.ts';
import { autoJudge } from './judge.ts';
import { play } from './play.ts';
import { startReviewer } from './reviewer.ts';
import { createScreen } from './screen.ts';
import { cardUrl, type OwnServer, runningServer, type Started, startServer } from './server.ts';
import { openStore } from './store.ts';
import { summary } from './summary.ts';

const program: Command = new Command('npm run demo --')
  .description('Plays an airline’s support agent. Its reads run; what books, changes or pays waits for you.')
  .option('--calls <file>', 'JSON Lines file of the calls to play (default: demo/calls.jsonl)')
  .option('--data <dir>', 'data folder of the `npm start` to use, or of the server to start')
  .option('--url <url>', 'server to use instead; needs --key')
  .option('--key <key>', 'agent’s key for --url')
  .option('--auto', 'decide by itself: edit one amount, reject one call, approve the rest', false)
  .option('--speed <n>', 'times as fast as a person can follow; 0 makes no pauses', atLeast(0))
  .option('--together <n>', 'conversations side by side', atLeast(1))
  .addHelpText(
    'after',
    `
Examples:
  npm run demo                                   with \`npm start\` in another terminal, or a server of its own
  npm run demo -- --auto                         hands off
  npm run demo -- --auto --calls ../shared/data/airline-tool-calls.jsonl

Exits with 0 when every approved call ran once with exactly the arguments of its decision and no other ran, else 1.`,
  )
  .parse();
const options = program.opts<{
  calls?: string;
  data?: string;
  url?: string;
  key?: string;
  auto: boolean;
  speed?: number;
  together?: number;
}>();

/** Set once there is something to finish in good order; before that, and the second time, Ctrl-C just ends it. */
let finish: (() => void) | undefined;
const interrupted = () => {
  if (!finish) process.exit(130);
  finish();
  finish = undefined;
};
process.on('SIGINT', interrupted).on('SIGTERM', interrupted);

process.exitCode = await demo();

async function demo(): Promise<number> {
  const file = resolve(options.calls ?? join(import.meta.dirname, 'calls.jsonl'));
  const calls = await orExplain(() => readCalls(file));
  const [{ agent }] = calls;
  const server = await orExplain(findServer);
  const { url, agentKey } = server;
  const name = new Date().toISOString().replaceAll(':', '-');
  const store = openStore(join(server.data, 'demo', `${name}.jsonl`), calls);
  const client = createClient({ url, key: agentKey, agent });
  const abort = new AbortController();
  finish = () => abort.abort(new Error('interrupted'));
  const judge = autoJudge();
  const onError = (error: unknown) => abort.abort(error);
  const reviewers = server.reviewerKeys.map((key) => startReviewer({ url, key, judge, onError }));
  const screen = createScreen(process.stdout);
  try {
    screen.line(`${pc.bold('Countersign demo')}  ${calls.length} calls of ${client.agent} against ${url}`);
    for (const line of server.hints) screen.line(pc.dim(line));
    screen.line('');
    const speed = options.speed ?? (options.auto ? 10 : 1);
    const played = await play({
      calls,
      client,
      store,
      name,
      together: options.together ?? (options.auto ? 8 : 1),
      onPending: screen.pending,
      onEnd: screen.ended,
      pause: async () => {
        if (speed > 0) await sleep(800 / speed, undefined, { signal: abort.signal }).catch(() => {});
      },
      signal: abort.signal,
    });
    screen.close();
    if (abort.signal.aborted) console.log(pc.yellow(`  ${inert(String(abort.signal.reason))}`));
    const found = await check(played, store.entries(), client);
    console.log(`\n${summary(found).join('\n')}\n`);
    console.log(pc.dim(`  what the tools did: ${store.path}`));
    return found.problems.length === 0 && !abort.signal.aborted ? 0 : 1;
  } finally {
    screen.close();
    for (const reviewer of reviewers) await reviewer.stop();
    await server.stop();
  }
}

/** For what a person can mend: the message alone. */
async function orExplain<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    return program.error(error instanceof Error ? error.message : String(error));
  }
}

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least) return value;
    throw new InvalidArgumentError(`It must be a number of at least ${least}.`);
  };
}

type Server = {
  url: string;
  agentKey: string;
  reviewerKeys: string[];
  data: string;
  hints: string[];
  stop(): Promise<void>;
};

async function findServer(): Promise<Server> {
  const data = resolve(options.data ?? '.countersign');
  if (options.url !== undefined || options.key !== undefined) {
    if (options.url === undefined || options.key === undefined) program.error('--url and --key go together');
    if (options.auto) program.error('--auto needs the reviewers’ keys: leave out --url, or decide yourself');
    return {
      url: options.url,
      agentKey: options.key,
      reviewerKeys: [],
      data,
      hints: [],
      stop: async () => {},
    };
  }
  const running = await runningServer(data);
  if (running) return server(running, data, []);
  // A server that nobody will pair a browser with needs no place that lasts.
  const own = options.data ?? (options.auto ? mkdtempSync(join(tmpdir(), 'countersign-demo-')) : data);
  console.log(pc.dim('No server is running: starting one. The first start may take a minute.'));
  const started = await startServer(resolve(own));
  return server(started, resolve(own), [`server log    ${started.log}`], started);
}

function server(started: Started, data: string, more: string[], own?: OwnServer): Server {
  const { url, keys, pair_code, extension_dir } = started;
  const where = data === resolve('.countersign') ? '' : `, each with \`--data ${data}\``;
  const hints = options.auto
    ? ['Two reviewers decide by themselves.']
    : [
        `You decide: in the extension, or with \`npx countersign queue\`, \`show\`, \`approve\` and \`reject\`${where}.`,
        ...(extension_dir ? [`extension     ${extension_dir}`] : []),
        ...(pair_code ? [`connect       ${url}/#pair=${pair_code}`] : []),
        ...(extension_dir ? [`a card        ${cardUrl(extension_dir, 'req_…')}`] : []),
      ];
  return {
    url,
    agentKey: keys.agent,
    reviewerKeys: options.auto ? [keys.reviewer, keys.lead] : [],
    data,
    hints: [...hints, ...more],
    stop: async () => own?.stop(),
  };
}
