import { describe, expect, test, vi } from 'vitest';
import { type Entry, openLanes, orderOf } from '../../services/notifier/attempts/lanes.ts';

const names = (request: string, destination = 'd', event = '1-0') => ({
  destination,
  request: `${destination}/${request}`,
  event,
  job: `${event}/${destination}/${request}`,
});
/** Is there to be called, and says so to `called`. */
const answering = (called: string[], name: string) => async () => {
  called.push(name);
  return true;
};
const placed = (entry: Entry): Extract<Entry, { placed: true }> => {
  if (!entry.placed) throw new Error(`no place in ${entry.lane}`);
  return entry;
};
/** Takes every place of the destination `d`. */
async function filled() {
  const lanes = openLanes(200);
  const taken = [];
  for (let n = 0; n < 10; n++) taken.push(placed(await lanes.enter(names(`r${n}`))));
  return { lanes, taken };
}

describe('a destination', () => {
  test('has more places the better it answers, up to half of those that are free, and fewer when it does not', async () => {
    const lanes = openLanes(40);
    const under: Extract<Entry, { placed: true }>[] = [];
    const fill = async (destination: string) => {
      for (;;) {
        const entry = await lanes.enter(names(`r${under.length}`, destination));
        if (!entry.placed) return;
        under.push(entry);
      }
    };
    const leaveAll = (well: boolean | undefined) => {
      for (const entry of under.splice(0)) entry.leave(well);
    };
    const placesOf = async (destination: string) => {
      const before = under.length;
      await fill(destination);
      return under.length - before;
    };
    expect(await placesOf('d')).toBe(10);
    // Whoever only waited for a moment has learnt nothing of it.
    leaveAll(undefined);
    expect(await placesOf('d')).toBe(10);
    leaveAll(true);
    expect(await placesOf('d')).toBe(20);
    // The others have half of the rest, each in turn: one is never shut out.
    const others = [await placesOf('e'), await placesOf('f'), await placesOf('g')];
    expect(others).toEqual([10, 5, 4]);
    leaveAll(false);
    expect(await placesOf('d')).toBe(4);
  });

  test('that is full takes no place from another', async () => {
    const { lanes } = await filled();
    expect(await lanes.enter(names('r10'))).toEqual({ placed: false, lane: 'd' });
    expect(await lanes.enter(names('r10', 'e'))).toMatchObject({ placed: true });
  });

  test('passes a place on to who waits in hand, first come first served', async () => {
    const { lanes, taken } = await filled();
    const came: string[] = [];
    const waiting = ['a', 'b'].map(async (name) => {
      const entry = placed(await lanes.enter(names(name)));
      came.push(name);
      entry.leave(true);
    });
    taken[0]?.leave(true);
    await Promise.all(waiting);
    expect(came).toEqual(['a', 'b']);
  });

  test('calls those who stepped aside as places come free, the oldest event first', async () => {
    const { lanes, taken } = await filled();
    const called: string[] = [];
    for (const id of ['9-1', '10-0', '9-0']) lanes.callBack('d', names(id, 'd', id), answering(called, id));
    expect(called).toEqual([]);
    for (const entry of taken.slice(0, 2)) entry.leave(true);
    expect(called.slice(0, 2)).toEqual(['9-0', '9-1']);
    taken[2]?.leave(true);
    expect(called).toEqual(['9-0', '9-1', '10-0']);
  });

  test('calls at once who stepped aside while a place came free', async () => {
    const { lanes, taken } = await filled();
    expect((await lanes.enter(names('late'))).placed).toBe(false);
    taken[0]?.leave(true);
    const call = vi.fn(async () => true);
    lanes.callBack('d', names('late'), call);
    expect(call).toHaveBeenCalledOnce();
  });

  test('calls each once, however often it has come by itself and stepped aside again', async () => {
    const { lanes, taken } = await filled();
    const called: string[] = [];
    const early = names('early', 'd', '1-0');
    for (let n = 0; n < 3; n++) {
      expect((await lanes.enter(early)).placed).toBe(false);
      lanes.callBack('d', early, answering(called, 'early'));
    }
    lanes.callBack('d', names('late', 'd', '2-0'), answering(called, 'late'));
    for (const entry of taken.slice(0, 2)) entry.leave(true);
    expect(called.slice(0, 2)).toEqual(['early', 'late']);
  });

  test('calls nobody who has come by itself and found a place', async () => {
    const { lanes, taken } = await filled();
    const called: string[] = [];
    const early = names('early', 'd', '1-0');
    lanes.callBack('d', early, answering(called, 'early'));
    const coming = lanes.enter(early);
    lanes.callBack('d', names('late', 'd', '2-0'), answering(called, 'late'));
    taken[0]?.leave(true);
    placed(await coming);
    for (const entry of taken.slice(1, 3)) entry.leave(true);
    expect(called).toEqual(['late']);
  });

  test('calls the next where one has gone to another process meanwhile', async () => {
    const { lanes, taken } = await filled();
    const called: string[] = [];
    // Room for two comes free: the place of who leaves, and one more since it went well.
    for (const event of ['1-0', '1-1']) lanes.callBack('d', names('gone', 'd', event), async () => false);
    lanes.callBack('d', names('late', 'd', '2-0'), answering(called, 'late'));
    taken[0]?.leave(true);
    await expect.poll(() => called).toEqual(['late']);
  });

  test('of a replay, whose deliveries have one event in common, keeps each', async () => {
    const { lanes, taken } = await filled();
    const called: string[] = [];
    for (const request of ['b', 'a', 'c']) lanes.callBack('d', names(request), answering(called, request));
    for (const entry of taken) entry.leave(true);
    expect(called.toSorted()).toEqual(['a', 'b', 'c']);
  });
});

test('one request is told to a destination by one delivery at a time, and to another at the same time', async () => {
  const lanes = openLanes(200);
  const first = placed(await lanes.enter(names('r')));
  expect(await lanes.enter(names('r'))).toEqual({ placed: false, lane: 'd/r' });
  expect(await lanes.enter(names('r', 'e'))).toMatchObject({ placed: true });
  first.leave(true);
  expect(await lanes.enter(names('r'))).toMatchObject({ placed: true });
});

test('ids of the feed are ordered as numbers', () => {
  expect(['10-0', '9-10', '9-9'].map(orderOf).sort()).toEqual(['9-9', '9-10', '10-0'].map(orderOf));
});
