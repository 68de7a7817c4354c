/** 200 conditions of our language against the same in CEL, and against closures written by hand as the floor. */
import type { JsonObject } from '@countersign/shared/canonical';
import { loadPolicySet } from '@countersign/shared/policy';
import { parse } from '@marcbachmann/cel-js';
import { type Figure, short } from './figures.ts';
import { nanosecondsOf, type Pace } from './pace.ts';

type Call = { param: JsonObject; context: JsonObject };
type Same = { ours: string; cel: string; closure: (call: Call) => boolean };

const param = {
  amount: 120,
  currency: 'EUR',
  to: 'kim@example.com',
  order: { total: 340.5, country: 'NL', lines: 3 },
};
const context = { environment: 'production', is_admin: false };

/** Conditions as policies have them, each with constants of its own. Closures check nothing, as careless code would. */
function conditions(count: number): Same[] {
  const forms: ((n: number) => Same)[] = [
    (n) => ({
      ours: `param.amount > ${n}`,
      cel: `param.amount > ${n}`,
      closure: (call) => Number(call.param.amount) > n,
    }),
    (n) => ({
      ours: `param.amount > ${n} and not context.is_admin`,
      cel: `param.amount > ${n} && !context.is_admin`,
      closure: (call) => Number(call.param.amount) > n && !call.context.is_admin,
    }),
    (n) => {
      const currencies = ['USD', 'EUR', `C${n}`];
      return {
        ours: `param.currency in ["USD", "EUR", "C${n}"]`,
        cel: `param.currency in ["USD", "EUR", "C${n}"]`,
        closure: (call) => currencies.includes(String(call.param.currency)),
      };
    },
    (n) => {
      const country = `D${n}`;
      return {
        ours: `param.order.total >= ${n} or param.order.country == "${country}"`,
        cel: `param.order.total >= ${n} || param.order.country == "${country}"`,
        closure: ({ param: { order } }) => {
          const given = order as { total: number; country: string };
          return given.total >= n || given.country === country;
        },
      };
    },
    (n) => {
      const host = `@host${n}.com`;
      return {
        ours: `endswith(param.to, "${host}") or context.environment == "production"`,
        cel: `param.to.endsWith("${host}") || context.environment == "production"`,
        closure: (call) => String(call.param.to).endsWith(host) || call.context.environment === 'production',
      };
    },
  ];
  return Array.from({ length: count }, (_, index) => forms[index % forms.length]?.(index) ?? raise());
}

function raise(): never {
  throw new Error('there is a form for every index');
}

/** Our conditions as intake compiles them: as rules of a policy. */
function compile(texts: string[]): () => number {
  const rules = texts.map((when, index) => ({ name: `rule-${index}`, when, effect: 'deny' }));
  const loaded = loadPolicySet([{ path: 'bench.yaml', text: JSON.stringify({ version: 1, rules }) }]);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('; '));
  const compiled = loaded.set.rules.flatMap(({ when }) => when ?? []);
  const scope = {
    param,
    context,
    agent: 'bench',
    tool: 'bench',
    run_id: undefined,
    reversible: undefined,
    sensitivity: undefined,
  };
  return () => countTrue(compiled, ({ run }) => run(scope));
}

function countTrue<T>(conditions: readonly T[], answer: (condition: T) => unknown): number {
  let held = 0;
  for (const condition of conditions) if (answer(condition) === true) held++;
  return held;
}

/** Times one pass over all of them. */
export async function measureConditions(pace: Pace, count = 200): Promise<Figure[]> {
  const same = conditions(count);
  const cels = same.map(({ cel }) => parse(cel));
  const call: Call = { param, context };
  const passes = {
    ours: compile(same.map(({ ours }) => ours)),
    cel: () => countTrue(cels, (evaluate) => evaluate(call)),
    closures: () => countTrue(same, ({ closure }) => closure(call)),
  };
  const held = Object.values(passes).map((pass) => pass());
  if (new Set(held).size > 1) throw new Error(`the three do not agree: ${held}`);
  const { ours, cel, closures } = await nanosecondsOf(passes, pace);
  return [
    {
      what: `${count} conditions, all evaluated`,
      value: `${short(ours / 1000)} µs`,
      against: `${short(cel / 1000)} µs: the same in @marcbachmann/cel-js`,
      ratio: `${short(cel / ours)}× as fast`,
      aim: '≥ 5×',
    },
    {
      what: `${count} conditions, all evaluated`,
      value: `${short(ours / 1000)} µs`,
      against: `${short(closures / 1000)} µs: closures that check nothing, the floor`,
      ratio: `${short(ours / closures)}× the time`,
    },
  ];
}
