/** What made us say it, where that changes what is said: most channels say nothing twice that has not changed. */
import type { EventType } from '@countersign/shared/feed';

const again: readonly EventType[] = [
  'request.reminded',
  'request.escalated',
  'request.undecidable',
  'destination.test_requested',
  'delivery.replay_requested',
];

/** Whether people are to be asked once more about what they have been asked already. */
export const asksAgain = (type: string): boolean => again.some((each) => each === type);

/** Whether an admin wants it said as it stands now, whatever was said before. */
export const isReplay = (type: string): boolean => type === ('delivery.replay_requested' satisfies EventType);

/** Whether an admin tries the destination out: what is put up for that is taken down at once. */
export const isTest = (type: string): boolean => type === ('destination.test_requested' satisfies EventType);
