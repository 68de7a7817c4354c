import { type Link, linkItem } from '../keep/items.ts';

let streamOpen = false;
let writing: Promise<void> = Promise.resolve();

/** The stream opened or broke. A worker that starts anew has none, which is what the first value says. */
export function noteStream(open: boolean): Promise<void> {
  streamOpen = open;
  return note(open ? 'live' : 'polling');
}

/** The server answered a read of the queue. */
export function noteAnswered(): Promise<void> {
  return note(streamOpen ? 'live' : 'polling');
}

/** It did not answer, or not as was hoped. */
export function noteUnanswered(state: Exclude<Link['state'], 'live' | 'polling'>): Promise<void> {
  return note(state);
}

/** One after the other, so that the last word is the one that was spoken last. `since` moves when the state does. */
function note(state: Link['state']): Promise<void> {
  writing = writing.then(async () => {
    const link = await linkItem.getValue();
    if (link?.state !== state) await linkItem.setValue({ state, since: Date.now() });
  });
  return writing;
}
