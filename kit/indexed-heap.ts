/** What stands in an `IndexedHeap`: it carries its own position, so that it can be moved or taken out in O(log n). */
export interface HeapItem {
  /** Kept by the heap; -1 while outside. */
  heapIndex: number;
}

/** A binary heap with the least item at position 0 whose items can leave or change rank. An item is in one heap at most. */
export class IndexedHeap<T extends HeapItem> {
  readonly #items: T[] = [];
  readonly #isBefore: (left: T, right: T) => boolean;

  constructor(isBefore: (left: T, right: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** The item at a position, in no order but that of the heap: for drawing one at random. */
  at(position: number): T | undefined {
    return this.#items[position];
  }

  push(item: T): void {
    item.heapIndex = this.#items.length;
    this.#items.push(item);
    this.#rise(item);
  }

  /** Does nothing for an item outside. */
  remove(item: T): void {
    const position = item.heapIndex;
    if (position < 0) return;
    item.heapIndex = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#items[position] = last;
    last.heapIndex = position;
    this.fix(last);
  }

  /** Puts an item whose rank changed where it belongs. */
  fix(item: T): void {
    this.#rise(item);
    this.#sink(item);
  }

  #rise(item: T): void {
    let position = item.heapIndex;
    while (position > 0) {
      const above = (position - 1) >>> 1;
      const parent = this.#items[above];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      this.#place(parent, position);
      position = above;
    }
    this.#place(item, position);
  }

  #sink(item: T): void {
    let position = item.heapIndex;
    for (;;) {
      const child = this.#lesserChild(position);
      if (child === undefined || !this.#isBefore(child, item)) break;
      const below = child.heapIndex;
      this.#place(child, position);
      position = below;
    }
    this.#place(item, position);
  }

  #lesserChild(position: number): T | undefined {
    const left = this.#items[2 * position + 1];
    const right = this.#items[2 * position + 2];
    if (left === undefined || right === undefined) return left;
    return this.#isBefore(right, left) ? right : left;
  }

  #place(item: T, position: number): void {
    this.#items[position] = item;
    item.heapIndex = position;
  }
}
