import { describe, expect, test } from 'vitest';
import {
  AlreadyConsumed,
  Cancelled,
  CountersignError,
  Denied,
  Frozen,
  InvalidArgs,
  NoToken,
  Rejected,
  Revoked,
  Stopped,
  TimedOut,
  WrongRequest,
} from '../../sdk/index.ts';
import { failure, type Refund, refundTool, startAgent } from './agent.ts';

const call: Refund = { order: 'A1', amount: 240 };

describe('a call that runs', () => {
  test('runs at once where policy allows it, with the token used up and the outcome reported', async () => {
    const { refund, ran, intake } = startAgent({ effects: { [refundTool]: 'allow' } });
    expect(await refund(call)).toBe('refunded 240');
    expect(ran).toHaveLength(1);
    expect(ran[0]?.run).toMatchObject({ request_id: 'req-1', edited: false, changes: [], reason: null });
    expect(intake.requests.get('req-1')).toMatchObject({ outcome: { status: 'succeeded' } });
    expect(intake.requests.get('req-1')?.consumed_at).toBeDefined();
  });

  test('pauses until a reviewer approves', async () => {
    const { refund, ran, intake } = startAgent();
    const told: string[] = [];
    const result = refund(call, { onPending: (request) => told.push(request.id) });
    const { id } = await intake.pending(refundTool);
    expect(ran).toHaveLength(0);
    intake.approve(id);
    expect(await result).toBe('refunded 240');
    expect(ran).toHaveLength(1);
    expect(told).toEqual([id]);
  });

  test('law 5: runs with the edited arguments, and is told of the edit', async () => {
    const { refund, ran, intake } = startAgent();
    const result = refund(call, { resume: { thread: 7 } });
    const { id } = await intake.pending(refundTool);
    intake.approve(id, { args: { order: 'A1', amount: 24 }, reason: 'One item only.' });
    expect(await result).toBe('refunded 24');
    expect(ran).toEqual([
      {
        args: { order: 'A1', amount: 24 },
        run: {
          request_id: id,
          edited: true,
          changes: [{ path: '/amount', from: 240, to: 24 }],
          reason: 'One item only.',
          resume: { thread: 7 },
          signal: undefined,
        },
      },
    ]);
  });

  test('law 5: runs what was proposed, though the caller changes its object meanwhile', async () => {
    const { refund, intake } = startAgent();
    const args = { ...call };
    const result = refund(args);
    const { id } = await intake.pending(refundTool);
    args.amount = 99_999;
    intake.approve(id);
    expect(await result).toBe('refunded 240');
  });

  test('a tool that throws is reported as failed, and its own error reaches the caller', async () => {
    const broken = new RangeError('no such order');
    const { refund, intake } = startAgent({
      effects: { [refundTool]: 'allow' },
      tool: async () => {
        throw broken;
      },
    });
    expect(await failure(refund(call))).toBe(broken);
    expect(intake.requests.get('req-1')?.outcome).toMatchObject({
      status: 'failed',
      detail: 'RangeError: no such order',
    });
  });

  test('what `outcome` picks of the result is recorded, and nothing else', async () => {
    const { refund, intake } = startAgent({
      effects: { [refundTool]: 'allow' },
      options: { outcome: (result) => ({ length: result.length }) },
    });
    await refund(call);
    expect(intake.requests.get('req-1')?.outcome?.detail).toEqual({ length: 12 });
  });

  test('details of the wrapping may look at the arguments; those of the call win', async () => {
    const { refund, sent } = startAgent({
      effects: { [refundTool]: 'allow' },
      options: { details: async ({ order }) => ({ reason: `about ${order}`, cost: 1 }) },
    });
    await refund(call, { cost: 2, run_id: 'r', call_id: 'c' });
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      tool: refundTool,
      args: call,
      agent: 'order-processor',
      reason: 'about A1',
      cost: 2,
      run_id: 'r',
      call_id: 'c',
    });
  });

  test('a hundred calls at once run once each, each with its own arguments', async () => {
    const { refund, ran, intake } = startAgent();
    const amounts = Array.from({ length: 100 }, (_, index) => index + 1);
    const results = Promise.all(amounts.map((amount) => refund({ order: `A${amount}`, amount })));
    await expect.poll(() => intake.requests.size).toBe(100);
    for (const id of intake.requests.keys()) intake.approve(id);
    expect(await results).toEqual(amounts.map((amount) => `refunded ${amount}`));
    expect(ran.map(({ args }) => args.amount).toSorted((a, b) => Number(a) - Number(b))).toEqual(amounts);
  });
});

describe('a call that is stopped throws why, and never runs', () => {
  const cases = [
    ['rejected', 'approval_rejected', Rejected],
    ['timed_out', 'approval_timeout', TimedOut],
    ['cancelled', 'approval_cancelled', Cancelled],
    ['cancelled', 'frozen', Frozen],
    ['approved', 'approval_revoked', Revoked],
  ] as const;
  test.each(cases)('%s with %s', async (status, code, Class) => {
    const { refund, ran, intake } = startAgent();
    const result = failure(refund(call));
    const { id } = await intake.pending(refundTool);
    intake.stop(id, status, code, 'The order is closed.');
    const stop = await result;
    expect(stop).toBeInstanceOf(Class);
    expect(stop).toBeInstanceOf(Stopped);
    expect(stop).toBeInstanceOf(CountersignError);
    expect(stop).toMatchObject({
      code,
      name: Class.name,
      request_id: id,
      tool: refundTool,
      reason: 'The order is closed.',
      rules: ['rule-of-the-test'],
      continues: false,
      request: { id, status },
      message: expect.stringContaining('The order is closed.'),
      answer: expect.stringMatching(/^Not done\. /),
    });
    expect(ran).toHaveLength(0);
  });

  test('denied by policy', async () => {
    const { refund, ran } = startAgent({ effects: { [refundTool]: 'deny' } });
    const stop = await failure(refund(call));
    expect(stop).toBeInstanceOf(Denied);
    expect(stop).toMatchObject({ code: 'policy_denied', reason: 'Never.', request_id: 'req-1' });
    expect(ran).toHaveLength(0);
  });

  test.each([
    ['frozen', Frozen],
    ['approval_revoked', Revoked],
  ] as const)('%s between the approval and the run', async (code, Class) => {
    const { refund, ran, intake } = startAgent({
      effects: { [refundTool]: 'allow' },
      plan: ({ path }) => {
        if (path === '/v1/tokens/consume') intake.change('req-1', { stop_reason: code });
        return undefined;
      },
    });
    expect(await failure(refund(call))).toBeInstanceOf(Class);
    expect(ran).toHaveLength(0);
  });

  test('a timeout is told apart from a person’s no, to the model too', async () => {
    const { refund, intake } = startAgent();
    const result = failure(refund(call));
    const { id } = await intake.pending(refundTool);
    intake.stop(id, 'timed_out', 'approval_timeout');
    expect(await result).toMatchObject({
      reason: null,
      answer: `Not done. Nobody decided on this call of ${refundTool} in time.\nNo person has refused it; none has approved it either.`,
    });
  });

  test('an approval that was used by someone else', async () => {
    const { refund, ran, intake } = startAgent();
    const result = failure(refund(call));
    const { id } = await intake.pending(refundTool);
    intake.change(id, { status: 'approved', consumed_at: '2026-01-01T00:00:00Z' });
    expect(await result).toBeInstanceOf(AlreadyConsumed);
    expect(ran).toHaveLength(0);
  });

  test('an approval that gives no token', async () => {
    const { refund, ran, intake } = startAgent();
    const result = failure(refund(call));
    const { id } = await intake.pending(refundTool);
    intake.change(id, { status: 'approved', token: undefined, valid_until: '2026-01-01T00:00:00Z' });
    const error = await result;
    expect(error).toBeInstanceOf(NoToken);
    expect(error).toMatchObject({ code: 'no_token', message: expect.stringContaining('until 2026-01-01') });
    expect(ran).toHaveLength(0);
  });
});

describe('on_rejection: continue', () => {
  const view = { on_rejection: 'continue' } as const;
  const onRejection = (stop: Stopped) => stop.answer;

  test('a rejection becomes what onRejection makes of it', async () => {
    const { refund, intake, ran } = startAgent({ view, options: { onRejection } });
    const result = refund(call);
    const { id } = await intake.pending(refundTool);
    intake.stop(id, 'rejected', 'approval_rejected', 'Wrong customer.');
    expect(await result).toBe(
      `Not done. A reviewer rejected this call of ${refundTool}. Reason: Wrong customer.\nDo not repeat it unchanged.`,
    );
    expect(ran).toHaveLength(0);
  });

  test('law 2: a timeout goes the same way', async () => {
    const { refund, intake } = startAgent({ view, options: { onRejection } });
    const result = refund(call);
    const { id } = await intake.pending(refundTool);
    intake.stop(id, 'timed_out', 'approval_timeout');
    expect(await result).toContain('Nobody decided');
  });

  test('without onRejection it is thrown, and says that the run may go on', async () => {
    const { refund, intake } = startAgent({ view });
    const result = failure(refund(call));
    const { id } = await intake.pending(refundTool);
    intake.stop(id, 'rejected', 'approval_rejected');
    expect(await result).toMatchObject({ code: 'approval_rejected', continues: true });
  });

  test('under on_rejection: fail it is thrown, whatever onRejection says', async () => {
    const { refund, intake } = startAgent({ options: { onRejection } });
    const result = failure(refund(call));
    const { id } = await intake.pending(refundTool);
    intake.stop(id, 'rejected', 'approval_rejected');
    expect(await result).toBeInstanceOf(Rejected);
  });

  test('a freeze is never continued past', async () => {
    const { refund, intake } = startAgent({ view, options: { onRejection } });
    const result = failure(refund(call));
    const { id } = await intake.pending(refundTool);
    intake.stop(id, 'cancelled', 'frozen');
    expect(await result).toBeInstanceOf(Frozen);
  });
});

describe('proposing now, running later', () => {
  test('another process resumes by id, and gets the resume value back', async () => {
    const { refund, intake, ran } = startAgent();
    const proposed = await refund.propose(call, { resume: { thread: 7 } });
    if (proposed.decision !== 'approval_required') throw new Error('not gated');
    const { id } = proposed.request;
    const result = refund.resume(id);
    expect(ran).toHaveLength(0);
    intake.approve(id);
    expect(await result).toBe('refunded 240');
    expect(ran[0]?.run.resume).toEqual({ thread: 7 });
  });

  test('what was allowed can be resumed as well, once', async () => {
    const { refund, ran } = startAgent({ effects: { [refundTool]: 'allow' } });
    await refund.propose(call);
    expect(await refund.resume('req-1')).toBe('refunded 240');
    expect(await failure(refund.resume('req-1'))).toMatchObject({
      code: 'token_consumed',
      outcome: { status: 'succeeded' },
    });
    expect(ran).toHaveLength(1);
  });

  test('two processes that resume the same request run it once', async () => {
    const { refund, intake, ran } = startAgent();
    await refund.propose(call);
    const both = Promise.allSettled([refund.resume('req-1'), refund.resume('req-1')]);
    intake.approve('req-1');
    expect((await both).map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(ran).toHaveLength(1);
  });

  test('a request of another tool is not run', async () => {
    const { refund, client, intake, ran } = startAgent();
    await client.propose({ tool: 'orders.delete', args: {} });
    intake.approve('req-1');
    expect(await failure(refund.resume('req-1'))).toBeInstanceOf(WrongRequest);
    expect(ran).toHaveLength(0);
  });

  test('a repeat with the same run_id and call_id does not run again', async () => {
    const { refund, ran } = startAgent({ effects: { [refundTool]: 'allow' } });
    const same = { run_id: 'r', call_id: 'c' };
    await refund(call, same);
    expect(await failure(refund(call, same))).toBeInstanceOf(AlreadyConsumed);
    expect(ran).toHaveLength(1);
  });
});

describe('aborting', () => {
  test('stops the wait at once and withdraws the request', async () => {
    const { refund, intake, ran } = startAgent();
    const abort = new AbortController();
    const result = failure(refund(call, { signal: abort.signal }));
    const { id } = await intake.pending(refundTool);
    const why = new Error('the user went away');
    abort.abort(why);
    expect(await result).toBe(why);
    await expect.poll(() => intake.requests.get(id)?.status).toBe('cancelled');
    expect(ran).toHaveLength(0);
  });

  test('a resumed wait only stops waiting', async () => {
    const { refund, intake } = startAgent();
    await refund.propose(call);
    const abort = new AbortController();
    const result = failure(refund.resume('req-1', { signal: abort.signal }));
    abort.abort();
    expect(await result).toMatchObject({ name: 'AbortError' });
    expect(intake.requests.get('req-1')?.status).toBe('pending');
  });

  test('an abort after the approval leaves the token unused', async () => {
    const abort = new AbortController();
    const { refund, intake, ran } = startAgent({
      effects: { [refundTool]: 'allow' },
      plan: ({ method }) => {
        if (method === 'GET') abort.abort();
        return undefined;
      },
    });
    await refund.propose(call);
    expect(await failure(refund.resume('req-1', { signal: abort.signal }))).toMatchObject({
      name: 'AbortError',
    });
    expect(intake.requests.get('req-1')?.consumed_at).toBeUndefined();
    expect(ran).toHaveLength(0);
  });

  test('once the token is used up, it says that nothing ran', async () => {
    const abort = new AbortController();
    const { refund, intake, ran } = startAgent({
      effects: { [refundTool]: 'allow' },
      plan: ({ path }) => {
        if (path === '/v1/tokens/consume') abort.abort();
        return undefined;
      },
    });
    expect(await failure(refund(call, { signal: abort.signal }))).toMatchObject({ name: 'AbortError' });
    expect(ran).toHaveLength(0);
    expect(intake.requests.get('req-1')?.outcome).toMatchObject({
      status: 'failed',
      detail: 'Aborted before it ran.',
    });
  });

  test('a signal that was aborted before sends nothing', async () => {
    const { refund, sent } = startAgent();
    expect(await failure(refund(call, { signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    });
    expect(sent).toHaveLength(0);
  });
});

describe('arguments that JSON would change are refused before anyone is asked', () => {
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  test.each([
    [{ amount: Number.NaN }, 'args.amount is NaN'],
    [{ at: new Date(0) }, 'args.at is a Date'],
    [{ seen: new Map() }, 'args.seen is a Map'],
    [{ list: [1, undefined] }, 'args.list[1] is undefined'],
    [{ n: 10n }, 'args.n is bigint'],
    [{ toJSON: () => ({ amount: 1 }) }, 'args has a toJSON'],
    [[1, 2], 'args must be one object'],
    [loop, 'args.self contains itself'],
  ])('%o', async (args, message) => {
    const { client, sent } = startAgent();
    const { requireApproval } = await import('../../sdk/index.ts');
    const wrapped = requireApproval(async (_: object) => 'ran', { client, tool: 'any' });
    const error = await failure(wrapped(args));
    expect(error).toBeInstanceOf(InvalidArgs);
    expect(error).toMatchObject({ code: 'invalid_args', message: expect.stringContaining(message) });
    expect(sent).toHaveLength(0);
  });
});
