import { adminFaults } from '../admin/faults.ts';
import type { OptionValues } from '../command.ts';

/** Text of an option that was given once; undefined for one that was not. Throws `bad_argument` naming it. */
export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw adminFaults.bad_argument(`--${name}: needs one value`);
}

/** A number, likewise. */
export function numberOption(options: OptionValues, name: string): number | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw adminFaults.bad_argument(`--${name}: must be one number`);
}

/** Words with commas between, likewise. */
export function listOption(options: OptionValues, name: string): string[] | undefined {
  return textOption(options, name)
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** `--enable` and `--disable`; undefined for neither. */
export function enabledOption(options: OptionValues): boolean | undefined {
  const { enable, disable } = options;
  if (enable === true && disable === true) throw adminFaults.bad_argument('--enable, --disable: one of them at a time');
  if (enable === true) return true;
  return disable === true ? false : undefined;
}

/** The object without what is undefined. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** `?a=1&b=2` of what is not undefined; '' for nothing. */
export function queryOf(fields: Readonly<Record<string, string | number | undefined>>): string {
  const text = new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString();
  return text === '' ? '' : `?${text}`;
}
