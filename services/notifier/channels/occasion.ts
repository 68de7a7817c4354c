/** What made us say it, where that changes what is said: most channels say nothing twice that has not changed. */
import type { EventType } from '@countersign/shared/feed';

const again: readonly EventType[] = ['request.reminded', 'request.escalated', 'request.undecidable'];

/** Whether people are to be asked once more about what they have been asked already. */
export const asksAgain = (type: string): boolean => again.some((each) => each === type);
