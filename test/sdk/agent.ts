/** An agent under test: a fake intake, a client that reaches it through a network that may fail, and a tool to wrap. */
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { type ApprovalOptions, createClient, type Run, requireApproval } from '../../sdk/index.ts';
import { fakeIntake } from './fake-intake.ts';
import { type Fault, faultyFetch, type Sent } from './faulty-fetch.ts';

export type Refund = { order: string; amount: number };

export const refundTool = 'orders.process_refund';

export type Setup = {
  effects?: Parameters<typeof fakeIntake>[0];
  view?: Partial<RequestView>;
  plan?: (call: Sent, nth: number) => Fault | undefined;
  tool?: (args: Refund, run: Run) => Promise<string>;
  options?: Partial<ApprovalOptions<Refund, string, string>>;
};

export function startAgent({ effects, view, plan = () => undefined, tool, options }: Setup = {}) {
  const intake = fakeIntake(effects, view);
  const network = faultyFetch(intake.fetch, plan);
  const client = createClient({
    url: 'http://intake.test/base/',
    key: 'cs_test_secret',
    agent: 'order-processor',
    fetch: (input, init) => network.fetch(String(input).replace('/base', ''), init),
  });
  const ran: { args: JsonObject; run: Run }[] = [];
  const refund = requireApproval(
    async (args: Refund, run: Run) => {
      ran.push({ args, run });
      return tool ? tool(args, run) : `refunded ${args.amount}`;
    },
    { client, tool: refundTool, ...options },
  );
  return { intake, client, refund, ran, sent: network.sent };
}

/** What a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
