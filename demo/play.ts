/** Plays an agent: conversations side by side, the calls of each in turn, every tool behind `requireApproval`. */
import { type Client, CountersignError, type RequestView, requireApproval, Stopped } from '../sdk/index.ts';
import { type Call, conversations } from './calls.ts';
import type { Store } from './store.ts';

/** How a call ended. `failed` ran and threw; `error` got no usable answer, and like the rest did not run. */
export type Ending = 'ran' | 'failed' | 'error' | 'interrupted' | Stopped['code'];

export type Played = {
  call: Call;
  request_id: string | undefined;
  ending: Ending;
  /** A person was asked. */
  waited: boolean;
  edited: boolean;
  /** The reviewer's or policy's reason, or what went wrong. */
  note: string | null;
  seconds: number;
};

export type Play = {
  calls: readonly Call[];
  client: Client;
  store: Store;
  /** Makes the calls of this play its own: the same file may be played many times. */
  name: string;
  /** Conversations side by side. */
  together: number;
  /** Told when a person must decide on a call. */
  onPending: (call: Call, request: RequestView) => void;
  onEnd: (played: Played) => void;
  /** Resolves when the next call may be made: the pace of the play. */
  pause: () => Promise<void>;
  signal?: AbortSignal;
};

/** What became of every call, in the order in which they ended. Stops early only when the signal aborts. */
export async function play(run: Play): Promise<Played[]> {
  const played: Played[] = [];
  const waiting = conversations(run.calls);
  const converse = async () => {
    for (let calls = waiting.shift(); calls; calls = waiting.shift()) {
      for (const call of calls) {
        if (run.signal?.aborted) return;
        const end = await playCall(run, call);
        played.push(end);
        run.onEnd(end);
        await run.pause();
      }
    }
  };
  await Promise.all(Array.from({ length: run.together }, converse));
  return played;
}

async function playCall({ client, store, name, signal, onPending }: Play, call: Call): Promise<Played> {
  const { tool, trajectory } = call;
  const began = performance.now();
  const end: Omit<Played, 'ending' | 'seconds'> = {
    call,
    request_id: undefined,
    waited: false,
    edited: false,
    note: null,
  };
  let ran = false;
  const guarded = requireApproval(
    async (args: Call['args'], { request_id, edited, reason }) => {
      ran = true;
      Object.assign(end, { request_id, edited, note: reason });
      return store.run(trajectory, request_id, tool, args);
    },
    { client, tool, details: detailsOf(call, name) },
  );
  let ending: Ending = 'ran';
  try {
    await guarded(call.args, {
      signal,
      onPending(request) {
        end.request_id = request.id;
        end.waited = true;
        onPending(call, request);
      },
    });
  } catch (error) {
    if (error instanceof Stopped) {
      ending = error.code;
      end.request_id = error.request_id;
      end.note = error.reason;
    } else if (signal?.aborted && error === signal.reason) {
      ending = 'interrupted';
    } else {
      if (!ran && !(error instanceof CountersignError)) throw error;
      ending = ran ? 'failed' : 'error';
      end.note = String(error);
    }
  }
  return { ...end, ending, seconds: (performance.now() - began) / 1000 };
}

/**
 * What the agent says with the call. Models repeat a `call_id` within a conversation now and then, for different calls:
 * the step makes it unique, and the name of the play makes the run so.
 */
function detailsOf(call: Call, name: string) {
  const { agent_said, customer_said } = call;
  const transcript = [
    ...(agent_said ? [{ role: 'agent', text: agent_said }] : []),
    ...(customer_said ? [{ role: 'customer', text: customer_said }] : []),
  ];
  return {
    run_id: `${call.trajectory}@${name}`,
    call_id: `${call.step}-${call.call_id}`,
    ...(agent_said ? { reason: agent_said.slice(0, 8000) } : {}),
    ...(transcript.length > 0 ? { transcript } : {}),
  };
}
