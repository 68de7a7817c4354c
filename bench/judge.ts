/** What judging one proposal costs, without any I/O: reading its body, and asking a policy. */
import { canonicalize, type JsonObject, parseStrict } from '@countersign/shared/canonical';
import { argsDigest } from '@countersign/shared/digest';
import { evaluate, loadPolicySet } from '@countersign/shared/policy';
import { type Figure, short } from './figures.ts';
import { nanosecondsOf, type Pace } from './pace.ts';
import { gatedProposals } from './proposals.ts';

/** Bodies in turn, so that no engine remembers the one. */
function inTurn<T>(members: readonly T[]): () => T {
  let next = 0;
  return () => {
    const member = members[next++ % members.length];
    if (member === undefined) throw new Error('nothing to take turns with');
    return member;
  };
}

/** A policy of `count` rules with a condition each, of which one in five is for the tool at hand. */
function policyOf(count: number, tool: string) {
  const rules = Array.from({ length: count }, (_, index) => ({
    name: `rule-${index}`,
    tools: [index % 5 === 0 ? tool : `tool-${index}.*`],
    when: `has(param.user_id) and not context.rule_${index}`,
    effect: 'approval_required',
  }));
  const loaded = loadPolicySet([{ path: 'bench.yaml', text: JSON.stringify({ version: 1, rules }) }]);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('; '));
  return loaded.set;
}

/** Strict reading against `JSON.parse`, and the time of one policy answer. */
export async function measureJudging(pace: Pace): Promise<Figure[]> {
  const { proposals, source } = gatedProposals();
  const texts = proposals.map((proposal) => JSON.stringify(proposal));
  const bytes = texts.map((text) => Buffer.from(text));
  const [nextText, nextBytes, nextProposal] = [inTurn(texts), inTurn(bytes), inTurn(proposals)];
  const [{ tool } = { tool: '' }] = proposals;
  const policy = policyOf(50, tool);
  const { strict, plain, answer } = await nanosecondsOf(
    {
      strict: () => {
        const parsed = parseStrict(nextBytes());
        if (!parsed.ok) throw new Error(parsed.message);
        return argsDigest(canonicalize((parsed.value as JsonObject).args ?? null));
      },
      plain: () => JSON.parse(nextText()),
      answer: () => evaluate(policy, nextProposal()),
    },
    pace,
  );
  const size = Math.round(bytes.reduce((sum, { length }) => sum + length, 0) / bytes.length);
  return [
    {
      what: `strict parse of a body of ${size} bytes (${source}), canonical args, digest`,
      value: `${short(strict / 1000)} µs`,
      against: `${short(plain / 1000)} µs: JSON.parse of its text`,
      ratio: `${short(strict / plain)}× the time`,
    },
    { what: 'evaluate(): a policy of 50 rules, one call', value: `${short(answer / 1000)} µs`, against: '' },
  ];
}
