/** Proposals that wait for a human, about 1 kB each: those of a real agent where the file is at hand, else made up. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@countersign/shared/canonical';
import { evaluate, loadPolicySet, type PolicySet } from '@countersign/shared/policy';

/** The policies that the project ships, the airline's among them. */
const policiesDir = fileURLToPath(new URL('../policies/', import.meta.url));
const realCalls = new URL('../../shared/data/airline-tool-calls.jsonl', import.meta.url);

export type Proposal = {
  tool: string;
  agent: string;
  args: JsonObject;
  context: JsonObject;
  run_id: string;
  reason: string;
  preview: { summary: string };
};

type Call = {
  trajectory: string;
  agent: string;
  tool: string;
  args: JsonObject;
  customer_said: string | null;
  agent_said: string | null;
};

function shippedFiles(): { path: string; text: string }[] {
  return readdirSync(policiesDir)
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, text: readFileSync(`${policiesDir}${path}`, 'utf8') }));
}

/** The shipped policies, loaded as intake loads them. */
function shippedPolicy(): PolicySet {
  const loaded = loadPolicySet(shippedFiles());
  if (!loaded.ok) throw new Error(`the shipped policies do not load: ${loaded.problems[0]?.message}`);
  return loaded.set;
}

/** The same as text, without flood control: what a benchmark asks in a second would be held back. */
export function policiesWithoutFlood(): { path: string; text: string }[] {
  return shippedFiles().map(({ path, text }) => ({ path, text: text.replace(/^flood:.*$/m, 'flood: off') }));
}

/** Proposals that the shipped policies gate, and where they come from. All of them approvable by one reviewer, unheld. */
export function gatedProposals(): { proposals: Proposal[]; source: string } {
  const policy = shippedPolicy();
  const real = existsSync(realCalls);
  const calls = real ? readFileSync(realCalls, 'utf8').trim().split('\n').map(readCall) : madeUpCalls();
  const proposals = calls.map(proposalOf).filter((proposal) => {
    const { effect, terms, requires } = evaluate(policy, proposal);
    return (
      effect === 'approval_required' &&
      terms.hold_ms === 0 &&
      terms.friction.kind === 'none' &&
      requires.length === 0
    );
  });
  return { proposals, source: real ? 'airline-tool-calls.jsonl' : 'made-up calls' };
}

const readCall = (line: string): Call => JSON.parse(line);

function proposalOf({ trajectory, agent, tool, args, customer_said, agent_said }: Call): Proposal {
  return {
    tool,
    agent,
    args,
    context: { channel: 'chat', customer_said: customer_said?.slice(0, 500) ?? '' },
    run_id: trajectory,
    reason: agent_said?.slice(0, 500) ?? '',
    preview: { summary: `${tool} for the customer` },
  };
}

function madeUpCalls(): Call[] {
  return Array.from({ length: 50 }, (_, index) => ({
    trajectory: `run-${index}`,
    agent: 'airline-support',
    tool: 'book_reservation',
    args: {
      user_id: `customer_${index}`,
      origin: 'JFK',
      destination: 'SEA',
      cabin: 'economy',
      flights: [{ flight_number: `HAT${100 + index}`, date: '2024-05-20' }],
      passengers: [{ first_name: 'Kim', last_name: 'Osei', dob: '1990-04-05' }],
      payment_methods: [{ payment_id: `credit_card_${1000 + index}`, amount: 255 }],
      total_baggages: 1,
    },
    customer_said: 'Yes, please go ahead with that booking, I have checked the names and the times. '.repeat(
      3,
    ),
    agent_said: 'The fare in economy is $255, to be charged to the card on file. Do you confirm? '.repeat(4),
  }));
}
