const millisecondsPer: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const bytesPer: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gib: 1_073_741_824,
};

const durationForm = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const durationPart = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const numberForm = /^\d+(?:\.\d+)?$/;
const sizeForm = /^(\d+(?:\.\d+)?)\s*(b|kb|mb|gb|kib|mib|gib)?$/i;

/**
 * Reads `30s`, `5m`, `1h30m`, `250ms`, `1d` or plain seconds (a number or digits) into whole milliseconds; undefined
 * when it is none of these. The letters are those of Go's durations, which the INI files use.
 */
export function parseDuration(value: unknown): number | undefined {
  const durationMs = Math.round(
    typeof value === 'string' ? readDuration(value.trim().toLowerCase()) : secondsOf(value),
  );
  return Number.isSafeInteger(durationMs) && durationMs >= 0 ? durationMs : undefined;
}

function secondsOf(value: unknown): number {
  return typeof value === 'number' ? value * 1_000 : Number.NaN;
}

/** Milliseconds, or NaN for text of another form. */
function readDuration(text: string): number {
  if (numberForm.test(text)) return Number(text) * 1_000;
  if (!durationForm.test(text)) return Number.NaN;
  let totalMs = 0;
  for (const [, count, unit] of text.matchAll(durationPart))
    totalMs += Number(count) * (millisecondsPer[unit ?? ''] ?? 0);
  return totalMs;
}

/** Milliseconds in the shortest form that `parseDuration` reads back to the same number: `90000` is `1m30s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let rest = durationMs;
  let text = '';
  for (const unit of ['h', 'm', 's', 'ms']) {
    const size = millisecondsPer[unit] ?? 1;
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}

/** Reads `32MB`, `1GiB`, `512 kb` or plain bytes into whole bytes; undefined when it is none of these. */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const match = sizeForm.exec(text);
  if (match === null) return undefined;
  const bytes = Math.round(Number(match[1]) * (bytesPer[(match[2] ?? 'b').toLowerCase()] ?? 1));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes in the largest unit that divides them: `32000000` is `32MB`, `33554432` is `32MiB`. */
export function formatSize(bytes: number): string {
  for (const [name, unit] of [
    ['GiB', 'gib'],
    ['GB', 'gb'],
    ['MiB', 'mib'],
    ['MB', 'mb'],
    ['KiB', 'kib'],
    ['KB', 'kb'],
  ] as const) {
    const size = bytesPer[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${name}`;
  }
  return `${bytes}B`;
}
