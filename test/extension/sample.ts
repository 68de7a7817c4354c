/** Requests as intake shows them, for tests of the extension. */
import type { RequestView } from '@countersign/shared/contracts';

/** A refund of the high tier, one approval wanted. `part` replaces what a test is about. */
export function sampleRequest(part: Partial<RequestView> = {}): RequestView {
  const created = Date.now();
  const id = part.id ?? 'req_refund';
  return {
    id,
    workspace: 'default',
    agent: 'order-processor',
    tool: 'orders.process_refund',
    args: {
      amount: 2400,
      currency: 'EUR',
      email: 'a.smith@acme.com',
      order_id: 'ORD-1287',
      note: 'Duplicate charge',
    },
    args_digest: `sha256:${id}-1`,
    context: { is_admin: false, order_total: 129 },
    context_trusted: true,
    run_id: 'run-7',
    version: 1,
    revision: 1,
    tier: 'high',
    status: 'pending',
    message: 'This refund needs a manager.',
    rules: ['big-refunds'],
    why: [
      {
        name: 'big-refunds',
        file: 'policies/refunds.yaml',
        effect: 'approval_required',
        message: 'This refund needs a manager.',
        when: 'param.amount > 50 and not context.is_admin',
        values: { 'param.amount': 2400, 'context.is_admin': false },
      },
    ],
    quorum: 1,
    progress: {
      needed: 1,
      given: 0,
      requirements: [{ rule: 'big-refunds', slots: [{ from: ['finance'], need: 1 }], met: false }],
    },
    on_rejection: 'fail',
    policy_digest: 'sha256:policy',
    policy_digests: ['sha256:policy'],
    editable: ['amount', 'note'],
    friction: { kind: 'none', paths: [] },
    card: {
      title: [
        { text: 'Refund ' },
        { path: 'amount', value: '2400' },
        { text: ' ' },
        { path: 'currency', value: 'EUR' },
        { text: ' to ' },
        { path: 'email', value: 'a.smith@acme.com' },
      ],
    },
    tool_facts: { reversible: false, sensitivity: 'financial' },
    reason:
      'The customer reported two captures for the same order; the second has no matching shipment, so I am refunding it.',
    preview: { affected: '1 customer, 1 payment' },
    warnings: [],
    created_at: new Date(created).toISOString(),
    expires_at: new Date(created + 468_000).toISOString(),
    hold: 0,
    verdicts: [],
    viewed_by: [],
    ...part,
  };
}
