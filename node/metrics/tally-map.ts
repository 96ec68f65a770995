/** A plain number that is counted up; found once, kept, and added to. */
export interface Tally {
  count: number;
}

/** Counters by two labels, found without building a key: a map of maps, each lookup by the label itself. */
export class TallyMap {
  readonly #rows = new Map<string, Map<string, Tally>>();

  /** The counter of this pair. The caller bounds both labels. */
  at(first: string, second: string): Tally {
    const row = this.#rows.get(first) ?? this.#addRow(first);
    const tally = row.get(second);
    return tally ?? addTally(row, second);
  }

  *entries(): Generator<[string, string, number]> {
    for (const [first, row] of this.#rows) for (const [second, tally] of row) yield [first, second, tally.count];
  }

  #addRow(first: string): Map<string, Tally> {
    const row = new Map<string, Tally>();
    this.#rows.set(first, row);
    return row;
  }
}

function addTally(row: Map<string, Tally>, second: string): Tally {
  const tally = { count: 0 };
  row.set(second, tally);
  return tally;
}
