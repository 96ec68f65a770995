/** Something that will happen at a true time, unless it is cancelled. */
export class SimEvent {
  readonly atMs: number;
  readonly order: number;
  action: (() => void) | undefined;

  constructor(atMs: number, order: number, action: () => void) {
    this.atMs = atMs;
    this.order = order;
    this.action = action;
  }

  cancel(): void {
    this.action = undefined;
  }
}

/** Everything that will happen, by true time, then by its making: one heap for the whole world. */
export class EventQueue {
  nowMs = 0;
  #made = 0;
  readonly #heap: SimEvent[] = [];

  get size(): number {
    return this.#heap.length;
  }

  after(delayMs: number, action: () => void): SimEvent {
    const event = new SimEvent(this.nowMs + Math.max(0, delayMs), this.#made++, action);
    this.#push(event);
    return event;
  }

  /** Runs the next event; false when there is none before `untilMs`, to which time then moves. */
  step(untilMs: number): boolean {
    for (let event = this.#heap[0]; event !== undefined && event.atMs <= untilMs; event = this.#heap[0]) {
      this.#pop();
      const { action } = event;
      if (action === undefined) continue;
      event.action = undefined;
      this.nowMs = event.atMs;
      action();
      return true;
    }
    this.nowMs = untilMs;
    return false;
  }

  #push(event: SimEvent): void {
    const heap = this.#heap;
    let position = heap.length;
    heap.push(event);
    while (position > 0) {
      const above = (position - 1) >>> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[position] = parent;
      position = above;
    }
    heap[position] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let position = 0;
    for (;;) {
      const left = 2 * position + 1;
      const leftChild = heap[left];
      if (leftChild === undefined) break;
      const rightChild = heap[left + 1];
      const isRight = rightChild !== undefined && isBefore(rightChild, leftChild);
      const child = isRight ? rightChild : leftChild;
      if (!isBefore(child, last)) break;
      heap[position] = child;
      position = isRight ? left + 1 : left;
    }
    heap[position] = last;
  }
}

function isBefore(left: SimEvent, right: SimEvent): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
