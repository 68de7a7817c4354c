/** One line of a workspace's delivery log, as stored in its stream under the field `attempt`. Holds no secret. */
export type DeliveryAttempt = {
  /** Redis time in ms. */
  at: number;
  channel: string;
  /** Id of the destination, push subscription or agent key. */
  destination: string;
  request_id: string;
  event_id: string;
  event_type: string;
  /** From 1. */
  attempt: number;
  /**
   * `delivered` · `failed`: tried, and tried again later · `gave_up`: tried, and never again · `not_tried`: nothing was
   * sent and nothing will be · `unrecorded`: begun by a process that died; it may have been delivered.
   */
  outcome: 'delivered' | 'failed' | 'gave_up' | 'not_tried' | 'unrecorded';
  /** Why, where it was not delivered. */
  code?: string;
  /** HTTP status of the peer's answer. */
  status?: number;
  latency_ms?: number;
  /** The answer's first bytes. */
  response?: string;
};
