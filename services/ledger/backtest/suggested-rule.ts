/** A suggestion as the text of a rule. Nothing puts it in force but a person, by hand. Pure. */
import { stringify } from 'yaml';

/** How long a rule that asks less may stay, once it is in force, before what it stands in for is back, ms. */
const trialMs = 30 * 86_400_000;

/** The share of calls that a person still looks at, afterwards, once nobody is asked first. */
const sampled = 0.1;

export type Suggested = {
  tool: string;
  kind: 'tighten' | 'loosen';
  condition: string;
  /** The rules that asked about the tool's calls. */
  rules: readonly string[];
  now: number;
};

const nameOf = ({ tool, condition }: Suggested): string =>
  `suggested-${tool}-${condition}`.replaceAll(/[^\w.]+/g, '-').replaceAll(/^-+|-+$/g, '');

/** A list of one rule in YAML, as it stands under `rules:`: as a shadow, and in force. */
export function ruleTexts(suggested: Suggested): { name: string; rule: string; in_force: string } {
  const { tool, kind, condition, rules, now } = suggested;
  const named = rules.filter((rule) => rule !== 'default');
  const rule = {
    name: nameOf(suggested),
    tools: [tool],
    when: condition,
    effect: 'approval_required',
    ...(kind === 'tighten'
      ? {}
      : {
          ...(named.length === 0 ? {} : { instead_of: named }),
          // What is no longer asked about is sampled, so that it stays known whether that is right.
          otherwise: 'review_after',
          review: { sample: sampled },
          expires: new Date(now + trialMs).toISOString().slice(0, 10),
        }),
  };
  const print = (one: object): string => stringify([one], { lineWidth: 0 });
  return { name: rule.name, rule: print({ ...rule, shadow: true }), in_force: print(rule) };
}
