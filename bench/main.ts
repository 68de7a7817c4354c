/** `npm run bench`: every benchmark in one run on one Redis, as one table of ratios. Nothing else is written. */
import { measureBacktest } from './backtest.ts';
import { measureCanaries } from './canaries/canaries.ts';
import { measureConditions } from './conditions.ts';
import { measureDeliveries } from './deliver/deliver.ts';
import { type Figure, short, table } from './figures.ts';
import { measureHistory } from './history.ts';
import { measureInsights } from './insights.ts';
import { measureJudging } from './judge.ts';
import { measureMemory } from './memory.ts';
import { measurePropose } from './propose/propose.ts';
import { measureSealing } from './seal.ts';
import { openSetting } from './setting.ts';
import { measureWait } from './wait.ts';

/** With a Redis of their own: behind what the proposals leave waiting, a difference would be lost in the reading of the queue. */
async function canariesInAShortQueue(): Promise<Figure[]> {
  const own = await openSetting();
  try {
    return await measureCanaries(own, { pairs: 1_000, warmUp: 60 });
  } finally {
    await own.stop();
  }
}

const pace = { rounds: 5, milliseconds: 500 };
const setting = await openSetting();
try {
  console.error(
    'Measuring. This takes some ten minutes, most of it to count a million decisions; a busy machine makes the figures worse, the ratios less so.',
  );
  const { figures: memory, shares } = await measureMemory(setting, 10_000);
  const figures = [
    ...(await measurePropose(setting, { rounds: 7, amount: 10_000, warmUp: 40_000, connections: 64 })),
    ...(await measureWait(setting, { waiting: 1000, decisions: 200 })),
    ...(await canariesInAShortQueue()),
    ...(await measureConditions(pace)),
    ...memory,
    ...(await measureJudging(pace)),
    ...(await measureDeliveries(setting, { rounds: 5, amount: 3_000, warmUp: 5_000, paced: 500 })),
    ...(await measureSealing(setting, { rounds: 5, events: 40_000 })),
    ...(await measureHistory({ rounds: 5, requests: 250_000 })),
    ...(await measureInsights(setting, { rounds: 25, decisions: 1_000_000 })),
    ...(await measureBacktest({ rounds: 3, rules: 50, actions: 100_000 })),
  ];
  console.log(table(figures));
  const where = shares.map(({ kind, bytes }) => `${kind} ${short(bytes)}`).join(' · ');
  console.log(`\nBytes of a pending request by kind of key: ${where}`);
} finally {
  await setting.stop();
}
