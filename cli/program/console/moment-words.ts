const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30d` as a time span, ms; `m`, `h`, `d` and `w` are known. Undefined for any other text. */
function spanOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const each = unitMs[unit];
  return count === undefined || each === undefined ? undefined : Number(count) * each;
}

/** `30d` is 30 days from now; anything else is left for the node to read. */
export function timeAhead(text: string | undefined): string | undefined {
  return shifted(text, 1);
}

/** `7d` is seven days ago. */
export function timeAgo(text: string | undefined): string | undefined {
  return shifted(text, -1);
}

function shifted(text: string | undefined, sign: 1 | -1): string | undefined {
  const spanMs = text === undefined ? undefined : spanOf(text);
  return spanMs === undefined ? text : new Date(Date.now() + sign * spanMs).toISOString();
}

/** ISO 8601 as a column of a table shows it: to the second, UTC; '' for nothing. */
export function shortTime(iso: string | undefined): string {
  return iso === undefined ? '' : iso.replace(/\.\d+Z$/, 'Z').replace('T', ' ');
}
