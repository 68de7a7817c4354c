/** One line of a workspace's delivery log, as stored in its stream under the field `attempt`. Holds no secret. */
export type DeliveryAttempt = {
  /** Redis time in ms. */
  at: number;
  channel: string;
  /** Id of the destination, push subscription or agent key; or a person's address. */
  destination: string;
  /** Absent where it is about no one request: a digest, a notice to a destination's owner. */
  request_id?: string;
  /** The alert that it is about. */
  alert_id?: string;
  /** The event's place in the feed; of a digest, what its Message-ID begins with. */
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
