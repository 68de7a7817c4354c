/**
 * Who may be under way at once, within this process: a destination has a few of the worker's places and no more, so
 * that one which hangs leaves the rest to the others; and one request at a time is told to it, so that the later
 * event waits for the earlier without asking again and again. What must be right is in the delivery record, not here.
 */

/** How many attempts one process has under way towards one destination. */
const destinationWidth = 10;
/** While places keep coming free within so long, a delivery waits for one where it is; otherwise it steps aside, ms. */
const movingMs = 100;

type Lane = {
  width: number;
  underWay: number;
  /** When a place was last taken or left, `performance.now()`. */
  movedAt: number;
  /** Deliveries that wait in the worker's hands, for a moment. */
  inHand: ((placed: boolean) => void)[];
  /** Deliveries that stepped aside: in BullMQ's keeping, and called back from there. Oldest event first. */
  aside: { order: string; call: () => void }[];
};

/** Names a delivery's lanes. */
export type LaneNames = { destination: string; request: string };

/** A place that was taken, to be left; or the lane in which there was none. */
export type Entry = { placed: true; leave: () => void } | { placed: false; lane: string };

export type Lanes = {
  /** Takes a place in both lanes, or says where there is none. */
  enter(names: LaneNames): Promise<Entry>;
  /**
   * Has a delivery that has stepped aside called when its lane has room: at once, should it have room by now.
   *
   * @param order where its event stands in the feed, see `orderOf`
   */
  callBack(lane: string, order: string, call: () => void): void;
};

/** Sorts ids of the feed as text. */
export function orderOf(eventId: string): string {
  const [ms = '', sequence = ''] = eventId.split('-');
  return `${ms.padStart(16, '0')}-${sequence.padStart(10, '0')}`;
}

/** Makes the lanes of one worker. */
export function openLanes(): Lanes {
  const lanes = new Map<string, Lane>();

  function laneOf(name: string, width: number): Lane {
    const known = lanes.get(name);
    if (known !== undefined) return known;
    const made: Lane = { width, underWay: 0, movedAt: performance.now(), inHand: [], aside: [] };
    lanes.set(name, made);
    return made;
  }

  function take(lane: Lane): boolean | Promise<boolean> {
    if (lane.underWay < lane.width) {
      lane.underWay += 1;
      lane.movedAt = performance.now();
      return true;
    }
    const left = lane.movedAt + movingMs - performance.now();
    if (left <= 0) return false;
    return new Promise((resolve) => {
      const patience = setTimeout(() => {
        lane.inHand.splice(lane.inHand.indexOf(given), 1);
        resolve(false);
      }, left);
      const given = (placed: boolean): void => {
        clearTimeout(patience);
        resolve(placed);
      };
      lane.inHand.push(given);
    });
  }

  function leave(name: string, lane: Lane): void {
    lane.movedAt = performance.now();
    const next = lane.inHand.shift();
    // Its place passes to the next at once.
    if (next !== undefined) {
      next(true);
      return;
    }
    lane.underWay -= 1;
    const free = lane.width - lane.underWay;
    for (const { call } of lane.aside.splice(0, free)) call();
    if (lane.underWay === 0 && lane.aside.length === 0) lanes.delete(name);
  }

  return {
    async enter({ destination, request }) {
      const one = laneOf(request, 1);
      if (!(await take(one))) return { placed: false, lane: request };
      const all = laneOf(destination, destinationWidth);
      if (!(await take(all))) {
        leave(request, one);
        return { placed: false, lane: destination };
      }
      return {
        placed: true,
        leave() {
          leave(request, one);
          leave(destination, all);
        },
      };
    },
    callBack(name, order, call) {
      const lane = lanes.get(name);
      if (lane === undefined || lane.underWay < lane.width) return call();
      let at = lane.aside.length;
      while (at > 0 && (lane.aside[at - 1]?.order ?? '') > order) at -= 1;
      lane.aside.splice(at, 0, { order, call });
    },
  };
}
