/** Gated `POST /v1/requests` against a bare handler that adds one delayed job, in turns, on one Redis. */

import { startServer } from '../child.ts';
import { type Figure, median, short } from '../figures.ts';
import { gatedProposals } from '../proposals.ts';
import type { Setting } from '../setting.ts';
import { sendLoad } from './send-load.ts';

export type ProposeSize = { rounds: number; amount: number; warmUp: number; connections: number };

/** Medians over the rounds, of the rates and of the ratio in each; a round sends the same requests to one and then to the other. */
export async function measurePropose(setting: Setting, size: ProposeSize): Promise<Figure[]> {
  const { proposals, source } = gatedProposals();
  const bodies = proposals.map((proposal) => JSON.stringify(proposal));
  const bytes = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0) / bodies.length;
  const bare = await startServer('propose/bare-handler.ts', { REDIS_URL: setting.redisUrl });
  try {
    const send = (url: string, name: string, amount: number) =>
      sendLoad({ url, key: setting.keys.agent, bodies, connections: size.connections, amount, name });
    const rates = { ours: [] as number[], bare: [] as number[], ratio: [] as number[] };
    await send(setting.intakeUrl, 'warm-up', size.warmUp);
    await send(bare.url, 'warm-up', size.warmUp);
    for (let round = 0; round < size.rounds; round++) {
      const ours = (await send(setting.intakeUrl, `round-${round}`, size.amount)).perSecond;
      const theirs = (await send(bare.url, `round-${round}`, size.amount)).perSecond;
      rates.ours.push(ours);
      rates.bare.push(theirs);
      // Of two runs that follow each other, so that a machine that is busy for a while is so for both.
      rates.ratio.push(ours / theirs);
    }
    return [
      {
        what: `POST /v1/requests, gated, ${short(bytes)} bytes from ${source}, ${size.connections} connections`,
        value: `${short(median(rates.ours))}/s`,
        against: `${short(median(rates.bare))}/s: bare Hono handler, one Queue.add with a delay`,
        ratio: median(rates.ratio).toFixed(2),
        aim: '≥ 0.7, past 1.0',
      },
    ];
  } finally {
    await bare.stop();
  }
}
