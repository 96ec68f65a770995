import { noCounts, type Counts } from './findings.ts';
import type { WorldResult } from './world/world.ts';

/** What many worlds came to. */
export class Sum {
  findings = 0;
  #worlds = 0;
  #virtualMs = 0;
  #slowestMs = 0;
  readonly #counts = noCounts();

  add(result: WorldResult): void {
    this.#worlds++;
    this.#virtualMs += result.virtualMs;
    this.#slowestMs = Math.max(this.#slowestMs, result.convergedAfterMs ?? 0);
    for (const name of Object.keys(this.#counts) as (keyof Counts)[]) this.#counts[name] += result.counts[name];
    if (result.violation !== undefined) this.findings++;
  }

  line(startedMs: number, of: number): string {
    const tookMs = performance.now() - startedMs;
    const each = (tookMs / Math.max(1, this.#worlds)).toFixed(1);
    return `${this.#worlds} of ${of} seeds, ${this.findings} findings, ${(tookMs / 1000).toFixed(0)} s, ${each} ms each, ${(this.#virtualMs / 3_600_000).toFixed(1)} virtual hours`;
  }

  table(): string {
    const counts = Object.entries(this.#counts).map(([name, count]) => `${name} ${count}`);
    return `${counts.join(', ')}; the slowest convergence took ${(this.#slowestMs / 1000).toFixed(1)} s`;
  }
}
