export type Unit = 'requests/s' | 'events/s' | 'µs' | 'ms' | 'MB' | 'times' | 'cores' | 'count' | '%' | 'kB/s' | '/s';

/** One number of the report, with how far the rounds were apart where there were several. */
export interface Figure {
  readonly value: number;
  readonly unit: Unit;
  readonly low?: number;
  readonly high?: number;
}

/** A goal of the product, and whether this run reached it. */
export interface Verdict {
  readonly goal: string;
  readonly reached: Figure;
  readonly isMet: boolean;
}

export interface ReportRow {
  readonly target: string;
  /** By column. */
  readonly figures: Readonly<Record<string, Figure>>;
  readonly verdicts: readonly Verdict[];
  /** What went wrong while this was measured; a row with it is not to be trusted. */
  readonly trouble: string | undefined;
}

/** What one work found. The first column is the one that is drawn. */
export interface WorkResult {
  readonly work: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly ReportRow[];
  readonly notes: readonly string[];
}

export interface BenchResult {
  readonly startedAt: string;
  readonly machine: string;
  readonly notes: readonly string[];
  readonly targets: readonly { readonly name: string; readonly summary: string }[];
  readonly works: readonly WorkResult[];
}
