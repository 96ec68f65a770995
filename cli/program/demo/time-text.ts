/** `0.4 ms`, `12 ms`, `1.9 s`. */
export function timeText(timeMs: number): string {
  if (timeMs >= 1_000) return `${(timeMs / 1_000).toFixed(1)} s`;
  return `${timeMs.toFixed(timeMs < 1 ? 1 : 0)} ms`;
}
