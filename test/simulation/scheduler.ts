/**
 * Virtual time and the order of everything that happens in a world. Whatever a process awaits (a timer, a reply of
 * Redis, an answer of an upstream) is an event with a due time; events happen one at a time, in the order of those
 * times, and time passes only from one event to the next. The world draws the due times from its seed, so the seed
 * decides the order.
 */

/** One worker process of a world. */
export interface Owner {
  readonly name: string;
  isDead: boolean;
  /** A suspended process does nothing before this time. */
  suspendedUntil: number;
}

interface WorldEvent {
  due: number;
  /** Ties happen in the order in which they were scheduled. */
  nth: number;
  owner: Owner | undefined;
  happen: () => void | Promise<void>;
  isCancelled: boolean;
}

export interface Scheduled {
  cancel(): void;
}

export interface Scheduler {
  /** Milliseconds since 1970, with fractions. */
  now(): number;
  /** The process whose code runs now; undefined for the world itself. */
  owner(): Owner | undefined;
  /**
   * Schedules an event. An event of a process does not happen if the process is dead, and waits while it is suspended;
   * one without an owner belongs to the world outside the processes.
   */
  at(due: number, owner: Owner | undefined, happen: () => void | Promise<void>): Scheduled;
  /** Calls `callback` once the code that runs now has come to rest. */
  immediately(callback: () => void): void;
  /** Runs `start` on behalf of a process. */
  runAs(owner: Owner | undefined, start: () => void): Promise<void>;
  /** Lets events happen until `isOver` or `until`. `before` is called before each one with its number and its process. */
  run(options: {
    isOver: () => boolean;
    until: number;
    before: (nth: number, owner: Owner | undefined) => void;
  }): Promise<void>;
}

/** Resolves after all promise callbacks that can run have run. Not the patched one. */
const realImmediate = setImmediate;
const rest = () => new Promise<void>((resolve) => realImmediate(resolve));

export function makeScheduler(startAt: number): Scheduler {
  const heap: WorldEvent[] = [];
  let now = startAt;
  let scheduled = 0;
  let current: Owner | undefined;
  const immediates: (() => void)[] = [];

  const settleDown = async () => {
    for (await rest(); immediates.length > 0; await rest()) {
      for (const callback of immediates.splice(0)) callback();
    }
  };

  const at: Scheduler['at'] = (due, owner, happen) => {
    const event = { due: Math.max(due, now), nth: (scheduled += 1), owner, happen, isCancelled: false };
    push(heap, event);
    return { cancel: () => void (event.isCancelled = true) };
  };

  const runAs = async (owner: Owner | undefined, start: () => void | Promise<void>) => {
    current = owner;
    await start();
    await settleDown();
    current = undefined;
  };

  return {
    now: () => now,
    owner: () => current,
    at,
    immediately: (callback) => void immediates.push(callback),
    runAs,
    async run({ isOver, until, before }) {
      for (let nth = 1; !isOver();) {
        const event = pop(heap);
        if (event === undefined || event.due > until) return;
        const { owner } = event;
        if (event.isCancelled || isDead(owner)) continue;
        if (owner !== undefined && owner.suspendedUntil > event.due) {
          event.due = owner.suspendedUntil;
          push(heap, event);
          continue;
        }
        now = Math.max(now, event.due);
        before(nth, owner);
        nth += 1;
        if (isDead(owner)) continue;
        await runAs(owner, event.happen);
      }
    },
  };
}

/** `before` may end a process. */
function isDead(owner: Owner | undefined): boolean {
  return owner?.isDead === true;
}

function isBefore(one: WorldEvent, other: WorldEvent): boolean {
  return one.due === other.due ? one.nth < other.nth : one.due < other.due;
}

function push(heap: WorldEvent[], event: WorldEvent): void {
  let index = heap.push(event) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(heap[index]!, heap[parent]!)) return;
    [heap[index], heap[parent]] = [heap[parent]!, heap[index]!];
    index = parent;
  }
}

function pop(heap: WorldEvent[]): WorldEvent | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  heap[0] = last;
  for (let index = 0; ;) {
    const [left, right] = [2 * index + 1, 2 * index + 2];
    let least = index;
    if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left;
    if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right;
    if (least === index) return first;
    [heap[index], heap[least]] = [heap[least]!, heap[index]!];
    index = least;
  }
}
