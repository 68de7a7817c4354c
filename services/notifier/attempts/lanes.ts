/**
 * Who may be under way at once, within this process. A destination has a share of the worker's places: the larger, the
 * better it answers, and never more than half of those that are free, so that one which hangs leaves room for the
 * others. And one delivery at a time tells it of one request, so that the later event waits for the earlier without
 * asking again and again. What must be right is in the delivery record, not here.
 */

/** Places that a destination has before it is known, and however badly it does. */
const width = { first: 10, least: 4 };
/** While places keep coming free within so long, a delivery waits for one where it is; otherwise it steps aside, ms. */
const movingMs = 100;

type Lane = {
  /** Whose places are the worker's: a destination's, not a request's. */
  shares: boolean;
  width: number;
  underWay: number;
  /** When a place was last taken or left, `performance.now()`. */
  movedAt: number;
  /** Deliveries that wait in the worker's hands, for a moment. */
  inHand: ((placed: boolean) => void)[];
  /** Deliveries that stepped aside: in BullMQ's keeping, and called back from there. Oldest event first, each once. */
  aside: Aside[];
};

/** `place` orders it among the others, and is no other's. */
type Aside = { place: string; call: () => Promise<boolean> };

/** Names a delivery, and its lanes. `event`: its id in the feed; `job`: the delivery's own name. */
export type LaneNames = { destination: string; request: string; event: string; job: string };

/** A place that was taken, to be left with word of how it went, undefined where nothing was sent; or the lane in which there was none. */
export type Entry =
  | { placed: true; leave: (well: boolean | undefined) => void }
  | { placed: false; lane: string };

export type Lanes = {
  /** Takes a place in both lanes, or says where there is none. */
  enter(names: LaneNames): Promise<Entry>;
  /**
   * Has a delivery that has stepped aside called when its lane has room: at once, should it have room by now. It is
   * called once, and not at all once it has come by itself.
   *
   * @param call says whether it was there to be called; where not, the next is
   */
  callBack(lane: string, names: LaneNames, call: () => Promise<boolean>): void;
};

/** Where a place stands, or would, among those that are in order. */
function indexOf(aside: readonly Aside[], place: string): number {
  let [from, to] = [0, aside.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((aside[middle]?.place ?? '') < place) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** An id of the feed, so that the order of text is the feed's. */
export function orderOf(eventId: string): string {
  const [ms = '', sequence = ''] = eventId.split('-');
  return `${ms.padStart(16, '0')}-${sequence.padStart(10, '0')}`;
}

const placeOf = ({ event, job }: LaneNames): string => `${orderOf(event)} ${job}`;

/** Makes the lanes of a worker that has so many places. */
export function openLanes(places: number): Lanes {
  const lanes = new Map<string, Lane>();
  /** In which lane a delivery is aside, by its place. */
  const waiting = new Map<string, Lane>();
  let taken = 0;

  function laneOf(name: string, shares: boolean): Lane {
    const known = lanes.get(name);
    if (known !== undefined) return known;
    const movedAt = performance.now();
    const made: Lane = {
      shares,
      width: shares ? width.first : 1,
      underWay: 0,
      movedAt,
      inHand: [],
      aside: [],
    };
    lanes.set(name, made);
    return made;
  }

  function move(lane: Lane, by: 1 | -1): void {
    lane.underWay += by;
    if (lane.shares) taken += by;
    lane.movedAt = performance.now();
  }

  /** What the lane has places for, of those that are free. */
  function roomIn(lane: Lane): number {
    if (!lane.shares) return lane.width - lane.underWay;
    const half = Math.floor((places - taken + lane.underWay) / 2);
    return Math.min(lane.width, Math.max(half, width.least)) - lane.underWay;
  }

  /** Waits in hand while the lane moves. */
  function placeInHand(lane: Lane): Promise<boolean> {
    return new Promise((resolve) => {
      let patience: NodeJS.Timeout;
      const given = (placed: boolean): void => {
        clearTimeout(patience);
        resolve(placed);
      };
      const look = (): void => {
        const left = lane.movedAt + movingMs - performance.now();
        if (left > 0) patience = setTimeout(look, left);
        else {
          lane.inHand.splice(lane.inHand.indexOf(given), 1);
          resolve(false);
        }
      };
      lane.inHand.push(given);
      look();
    });
  }

  function take(lane: Lane): boolean | Promise<boolean> {
    if (roomIn(lane) > 0) {
      move(lane, 1);
      return true;
    }
    const moves = performance.now() - lane.movedAt < movingMs;
    return moves && lane.inHand.length < lane.width ? placeInHand(lane) : false;
  }

  /** Calls so many of those that are aside. Whoever is no longer there passes the call on. */
  function callNext(lane: Lane, room: number): void {
    for (const { place, call } of lane.aside.splice(0, Math.max(0, room))) {
      waiting.delete(place);
      void call().then((there) => {
        if (!there) callNext(lane, Math.min(1, roomIn(lane)));
      });
    }
  }

  /** It has come, called or by itself: nobody need call it. */
  function forget(place: string): void {
    const lane = waiting.get(place);
    if (lane === undefined) return;
    waiting.delete(place);
    lane.aside.splice(indexOf(lane.aside, place), 1);
  }

  function leave(name: string, lane: Lane): void {
    move(lane, -1);
    for (let room = roomIn(lane); room > 0; room--) {
      const next = lane.inHand.shift();
      if (next === undefined) break;
      move(lane, 1);
      next(true);
    }
    callNext(lane, roomIn(lane));
    if (lane.underWay === 0 && lane.aside.length === 0 && (!lane.shares || lane.width === width.first))
      lanes.delete(name);
  }

  return {
    async enter(names) {
      const { destination, request } = names;
      forget(placeOf(names));
      const one = laneOf(request, false);
      if (!(await take(one))) return { placed: false, lane: request };
      const all = laneOf(destination, true);
      if (!(await take(all))) {
        leave(request, one);
        return { placed: false, lane: destination };
      }
      return {
        placed: true,
        leave(well) {
          if (well === true) all.width = Math.min(all.width + 1, places);
          if (well === false) all.width = Math.max(Math.floor(all.width / 2), width.least);
          leave(request, one);
          leave(destination, all);
        },
      };
    },
    callBack(name, names, call) {
      const lane = lanes.get(name);
      if (lane === undefined || roomIn(lane) > 0) return void call();
      const place = placeOf(names);
      forget(place);
      waiting.set(place, lane);
      lane.aside.splice(indexOf(lane.aside, place), 0, { place, call });
    },
  };
}
