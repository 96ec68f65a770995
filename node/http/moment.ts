import { z } from 'zod';

/** The last millisecond of the year 9999: what comes after it has no place in ISO 8601's usual form. */
const momentMsMax = 253_402_300_799_999;

const isoForm = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([ +-])(\d\d):(\d\d))?)?$/i;
const secondsForm = /^\d{1,12}(?:\.\d{1,9})?$/;

const form = 'must be ISO 8601 (2026-01-31, 2026-01-31T12:00:00Z) or Unix seconds';

/** A moment in a body, as wall ms: ISO 8601 text or a number of Unix seconds. */
export const momentSchema = z
  .union([z.string().max(40), z.number()], { error: form })
  .transform((given, context) => momentOrIssue(String(given), context))
  .describe('ISO 8601 (UTC where no zone is named) or Unix seconds');

/** The same in a query. */
export const momentParameter = z
  .string()
  .max(40)
  .transform((given, context) => momentOrIssue(given, context))
  .describe('ISO 8601 (a date means its beginning; UTC where no zone is named) or Unix seconds');

function momentOrIssue(text: string, context: z.RefinementCtx): number {
  const momentMs = momentOf(text);
  if (momentMs !== undefined) return momentMs;
  context.addIssue({ code: 'custom', message: form });
  return z.NEVER;
}

/** Wall ms of ISO 8601 text or Unix seconds; undefined for text of any other form, and for days that no month has. */
export function momentOf(text: string): number | undefined {
  const momentMs = secondsForm.test(text) ? Math.round(Number(text) * 1000) : isoMoment(text);
  return momentMs !== undefined && momentMs >= 0 && momentMs <= momentMsMax ? momentMs : undefined;
}

function isoMoment(text: string): number | undefined {
  const parts = isoForm.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', sign, zoneHour, zoneMinute] = parts;
  const dayMs = dayOf(Number(year), Number(month), Number(day));
  const isClock = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  const offset = Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0);
  if (dayMs === undefined || !isClock || offset > 18 * 60) return undefined;
  const ofDay = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000 + millisecondsOf(fraction);
  // A `+` that nobody percent-encoded arrives in a query as a space.
  return dayMs + ofDay + (sign === '-' ? offset : -offset) * 60_000;
}

function dayOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

function millisecondsOf(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** ISO 8601, as answers write times; null where there is none. */
export function isoOf(momentMs: number | undefined): string | null {
  return momentMs === undefined ? null : new Date(momentMs).toISOString();
}
