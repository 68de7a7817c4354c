/**
 * Plays a scenario through the pure lifecycle the way the store does it: load, decide, commit unless it is too late
 * by then, else decide again.
 */
import type { JsonObject } from '@countersign/shared/contracts';
import type { FreezeRecord } from '@countersign/shared/directory';
import type { EventBody } from '@countersign/shared/feed';
import type { PolicyAnswer } from '@countersign/shared/policy';
import type { Planted, RequestRecord } from '@countersign/shared/request';
import type { Command, Decision, Proposal, World } from '../../services/intake/lifecycle/command.ts';
import { decide } from '../../services/intake/lifecycle/decide.ts';
import { timersOf } from '../../services/intake/lifecycle/due.ts';
import { propose } from '../../services/intake/lifecycle/propose.ts';
import { nextQuestion, oldestUnanswered } from '../../services/intake/lifecycle/question.ts';
import type { Moment, Scenario, Step, What } from './scenario.ts';

/** One command as it was committed, or refused. `at` is the Redis time of the commit. */
export type Move = {
  before: RequestRecord;
  command: Command;
  world: World;
  decision: Decision;
  after: RequestRecord;
  at: number;
};

/** A whole life: the proposal as it was recorded, every command after it, and the world at the end. */
export type Life = { proposed: Decision; moves: Move[]; end: World };

const digestOf = (amount: number): string => `sha256:amount-${amount}`;
const argsOf = (digest: string): JsonObject => ({ amount: Number(digest.split('-').at(-1)) });

/** What surrounds the request, as the steps change it. */
class Surroundings {
  now = 1_000_000;
  active: PolicyAnswer;
  readonly #groups: Map<string, ReadonlySet<string>>;
  readonly #freezes: FreezeRecord[] = [];
  #epoch = 0;

  constructor({ groups: initial, answer: active }: Scenario) {
    this.active = active;
    this.#groups = new Map();
    for (const [id, names] of Object.entries(initial)) this.regroup(id, names);
  }

  regroup(id: string, names: string[] | null): void {
    if (names === null) this.#groups.delete(id);
    else this.#groups.set(id, new Set(names));
  }

  freeze(scope: FreezeRecord['scope'], hits: boolean): void {
    this.#epoch += 1;
    const match = scope === 'agent' ? 'robot' : 'pay';
    this.#freezes.push({
      id: `frz_${this.#epoch}`,
      epoch: this.#epoch,
      scope,
      ...(scope === 'workspace' ? {} : { match: hits ? match : 'somebody-else' }),
      reason: 'stop',
      set_by: 'admin',
      set_at: this.now,
    });
  }

  lift(): void {
    const index = this.#freezes.findIndex((freeze) => freeze.lifted_at === undefined);
    const freeze = this.#freezes[index];
    if (freeze === undefined) return;
    this.#epoch += 1;
    this.#freezes[index] = { ...freeze, lifted_at: this.now };
  }

  world(): World {
    const members = new Map(this.#groups);
    return {
      now: this.now,
      freezes: [...this.#freezes],
      freeze_epoch: this.#epoch,
      groupsOf: (id) => members.get(id),
      reviewers: [...members.keys()],
      denied_keys: [],
    };
  }
}

function momentOf(request: RequestRecord, moment: Moment): number | undefined {
  return moment === 'valid' ? request.valid_until : timersOf(request)[moment];
}

/** The command that `what` comes to for the request as it stands; `asked` is when it was asked for. */
function commandFor(what: What, request: RequestRecord, active: PolicyAnswer, asked: number): Command {
  switch (what.kind) {
    case 'decide': {
      const { reviewer, verdict, seen, edit, confirms } = what;
      const changed =
        verdict === 'approve' && edit !== undefined && digestOf(edit.amount) !== request.args_digest
          ? edit
          : undefined;
      const digest = changed === undefined ? request.args_digest : digestOf(changed.amount);
      return {
        kind: 'decide',
        reviewer,
        verdict,
        seen: {
          version: request.version + (seen === 'another version' ? -1 : 0),
          args_digest: seen === 'other args' ? digestOf(99) : request.args_digest,
        },
        args: argsOf(request.args_digest),
        answer: active,
        ...(confirms ? { confirm: argsOf(digest) } : {}),
        ...(changed === undefined ? {} : { edit: { digest, args: argsOf(digest), answer: changed.answer } }),
        ...(verdict === 'approve' && edit !== undefined ? { given: digestOf(edit.amount) } : {}),
      };
    }
    case 'review': {
      const { reviewer, verdict, seen } = what;
      const version = request.version + (seen === 'another version' ? -1 : 0);
      const args_digest = seen === 'other args' ? digestOf(99) : request.args_digest;
      return { kind: 'review', reviewer, verdict, seen: { version, args_digest } };
    }
    case 'consume': {
      const { digest, jti, left, idempotency } = what;
      return {
        kind: 'consume',
        kid: 'key-1',
        agent: request.agent,
        jti,
        digest: digest === 'current' ? request.args_digest : digestOf(99),
        token_until: asked + left,
        ...(idempotency === undefined ? {} : { idempotency }),
      };
    }
    case 'outcome':
      return { kind: 'outcome', agent: request.agent, status: what.status };
    case 'cancel':
    case 'issue':
      return { kind: what.kind, agent: request.agent };
    case 'supersede':
      return { kind: 'supersede', agent: request.agent, by: 'req_newer' };
    case 'undo':
    case 'revoke':
    case 'view':
      return { kind: what.kind, reviewer: what.reviewer };
    case 'ask': {
      const question = nextQuestion(request);
      return { kind: 'ask', reviewer: what.reviewer, question, commitment: `sha256:${question}` };
    }
    case 'answer': {
      const question = what.question === 'waiting' ? oldestUnanswered(request)?.id : `q${what.question}`;
      return { kind: 'answer', agent: request.agent, question, commitment: `sha256:answer-${question}` };
    }
    case 'claim':
      return what;
    case 'wake':
      return { kind: 'wake' };
  }
}

/** Nothing that the lifecycle was given may be changed by it. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
}

/** Plays a scenario, of a request that an agent made or, with `planted`, of a canary. */
export function play(scenario: Scenario, planted?: Planted): Life {
  const around = new Surroundings(scenario);
  const proposal: Proposal = {
    id: 'req_1',
    workspace: 'default',
    agent: 'robot',
    tool: 'pay',
    key_id: 'key_1',
    owner: 'owner',
    context_trusted: true,
    args_digest: digestOf(5),
    ...(planted === undefined ? {} : { planted }),
    canary: { salt: 'salt', commitment: 'sha256:committed' },
    ...(scenario.asker ? { requested_by: 'asker' } : {}),
    ...(scenario.timeout === undefined ? {} : { timeout_ms: scenario.timeout }),
  };
  const proposed = frozen(propose(proposal, scenario.answer, around.world()));
  let request = proposed.request;
  const moves: Move[] = [];
  for (const step of scenario.steps) {
    if (step.do === 'pass') around.now += step.ms;
    else if (step.do === 'reach') {
      around.now = Math.max(around.now, (momentOf(request, step.moment) ?? 0) + step.offset);
    } else if (step.do === 'regroup') around.regroup(step.person, step.groups);
    else if (step.do === 'freeze') around.freeze(step.scope, step.hits);
    else if (step.do === 'lift') around.lift();
    else if (step.do === 'policy') around.active = step.answer;
    else {
      const move = commit(request, step, around);
      moves.push(move);
      request = move.after;
    }
  }
  return { proposed, moves, end: around.world() };
}

function commit(before: RequestRecord, { what, lag }: Step & { do: 'command' }, around: Surroundings): Move {
  const asked = around.now;
  // Only the first try sleeps, so the second is in time; the store gives up after some as well.
  for (let slept = lag, tries = 0; tries < 3; slept = 0, tries++) {
    const world = around.world();
    const command = frozen(commandFor(what, before, around.active, asked));
    const decision = frozen(decide(before, command, world));
    around.now += slept;
    if (decision.not_after !== undefined && around.now > decision.not_after) continue;
    return { before, command, world, decision, after: decision.request, at: around.now };
  }
  throw new Error(`"${what.kind}" is always too late for itself`);
}

/** All events of a life, in the order of their commits. */
export function eventsOf({ proposed, moves }: Life): EventBody[] {
  return [...proposed.events, ...moves.flatMap(({ decision }) => decision.events)];
}
