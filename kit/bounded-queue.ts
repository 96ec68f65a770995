/** A place in a `BoundedQueue`; `remove` takes it out wherever it stands, once, in O(1). */
export interface QueuePlace<T> {
  readonly value: T;
  /** False when it had left already. */
  remove(): boolean;
}

/** First in, first out, at most `sizeMax` long. A doubly linked ring, so that any place can leave in O(1). */
export class BoundedQueue<T> {
  /** May be changed while in use; those that stand in it stay. */
  sizeMax: number;
  readonly #end = new Link<T>();
  #size = 0;

  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.sizeMax;
  }

  /** Appends; undefined when the queue is full. */
  push(value: T): QueuePlace<T> | undefined {
    if (this.isFull) return undefined;
    const place = new Place(value, () => this.#size--);
    place.enterBefore(this.#end);
    this.#size++;
    return place;
  }

  /** The oldest, left in place. */
  peek(): T | undefined {
    const first = this.#end.next;
    return first instanceof Place ? first.value : undefined;
  }

  /** Takes the oldest out. */
  shift(): T | undefined {
    const first = this.#end.next;
    if (!(first instanceof Place)) return undefined;
    first.remove();
    return first.value;
  }

  /**
   * Oldest first. Places may leave, and others come, while iterating or between two steps of it: a place that left still
   * leads on to those that stood behind it.
   */
  *[Symbol.iterator](): Generator<T> {
    for (let link = this.#end.next; link instanceof Place; link = link.next) {
      if (link.isIn) yield link.value;
    }
  }
}

class Link<T> {
  next: Link<T> = this;
  previous: Link<T> = this;

  enterBefore(other: Link<T>): void {
    this.next = other;
    this.previous = other.previous;
    other.previous.next = this;
    other.previous = this;
  }

  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
  }
}

class Place<T> extends Link<T> implements QueuePlace<T> {
  readonly value: T;
  isIn = true;
  readonly #onLeave: () => void;

  constructor(value: T, onLeave: () => void) {
    super();
    this.value = value;
    this.#onLeave = onLeave;
  }

  remove(): boolean {
    if (!this.isIn) return false;
    this.isIn = false;
    this.leave();
    this.#onLeave();
    return true;
  }
}
