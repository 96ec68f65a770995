import { z } from 'zod';
import { dialRefusal } from './dial-guard.ts';
import { Secret } from './secret.ts';
import { parseDuration, parseSize } from './units.ts';

/** How a value is written back and what it may be; read by the documentation, by errors and by `config show`. */
export interface SettingMeta {
  kind: 'text' | 'boolean' | 'integer' | 'number' | 'duration' | 'size' | 'choice' | 'secret' | 'url' | 'path' | 'list';
  /** What is allowed, in words that finish "allowed: …". */
  allowed: string;
}

export type Setting<T> = z.ZodType<T, unknown>;

/**
 * One value of a settings file, an environment variable or a flag. All of them may arrive as text, so each kind reads
 * text as well as its own type. The issue's message is what is allowed; the reader of settings adds key and value.
 */
export function setting<T>(meta: SettingMeta, read: (raw: unknown) => T | undefined): Setting<T> {
  return z
    .unknown()
    .transform((raw, context) => {
      const value = read(raw);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: meta.allowed, params: { isMissing: raw === undefined } });
      return z.NEVER;
    })
    .meta({ ...meta });
}

/** Any text that is not empty, at most `lengthMax` characters (bounded, since names become map keys and labels). */
export function textSetting(allowed = 'text', lengthMax = 4_096): Setting<string> {
  return setting({ kind: 'text', allowed }, (raw) => {
    const text = typeof raw === 'number' ? String(raw) : raw;
    return typeof text === 'string' && text !== '' && text.length <= lengthMax ? text : undefined;
  });
}

/** Text of a given form; `allowed` says the form in words. */
export function formSetting(form: RegExp, allowed: string): Setting<string> {
  return setting({ kind: 'text', allowed }, (raw) => {
    const text = typeof raw === 'number' ? String(raw) : raw;
    return typeof text === 'string' && form.test(text) ? text : undefined;
  });
}

const yes = new Set(['true', '1', 'yes', 'on']);
const no = new Set(['false', '0', 'no', 'off']);

export function booleanSetting(): Setting<boolean> {
  return setting({ kind: 'boolean', allowed: 'true or false' }, (raw) => {
    if (typeof raw === 'boolean') return raw;
    const text = String(raw).toLowerCase();
    if (yes.has(text)) return true;
    return no.has(text) ? false : undefined;
  });
}

export interface NumberRange {
  min: number;
  max: number;
}

export function integerSetting({ min, max }: NumberRange): Setting<number> {
  return setting({ kind: 'integer', allowed: `a whole number from ${min} to ${max}` }, (raw) => {
    const value = readNumber(raw);
    return value !== undefined && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
  });
}

export function numberSetting({ min, max }: NumberRange): Setting<number> {
  return setting({ kind: 'number', allowed: `a number from ${min} to ${max}` }, (raw) => {
    const value = readNumber(raw);
    return value !== undefined && value >= min && value <= max ? value : undefined;
  });
}

/** A duration, in the settings milliseconds. The bounds are written as the user would write them. */
export function durationSetting(min: string, max: string): Setting<number> {
  const [minMs, maxMs] = [parseDuration(min) ?? 0, parseDuration(max) ?? Infinity];
  const allowed = `a duration such as 30s, 5m or 1h30m (or plain seconds), from ${min} to ${max}`;
  return setting({ kind: 'duration', allowed }, (raw) => {
    const value = parseDuration(raw);
    return value !== undefined && value >= minMs && value <= maxMs ? value : undefined;
  });
}

/** A size, in the settings bytes. */
export function sizeSetting(min: string, max: string): Setting<number> {
  const [minBytes, maxBytes] = [parseSize(min) ?? 0, parseSize(max) ?? Infinity];
  const allowed = `a size such as 512KB, 32MB or 1GB (or plain bytes), from ${min} to ${max}`;
  return setting({ kind: 'size', allowed }, (raw) => {
    const value = parseSize(raw);
    return value !== undefined && value >= minBytes && value <= maxBytes ? value : undefined;
  });
}

/** One of a fixed set of words; `aliases` are read as the word they stand for. */
export function choiceSetting<const T extends string>(
  choices: readonly T[],
  aliases: Readonly<Record<string, T>> = {},
): Setting<T> {
  const names = new Map<unknown, T>(choices.map((choice) => [choice, choice]));
  for (const [alias, choice] of Object.entries(aliases)) names.set(alias, choice);
  return setting({ kind: 'choice', allowed: [...names.keys()].join(', ') }, (raw) => names.get(raw));
}

/** A credential: text that becomes a `Secret` at once. A key `x_file` beside it reads the value from a file. */
export function secretSetting(allowed = 'text'): Setting<Secret> {
  return setting({ kind: 'secret', allowed }, (raw) => {
    if (raw instanceof Secret) return raw;
    const text = typeof raw === 'number' ? String(raw) : raw;
    return typeof text === 'string' && text !== '' && text.length <= 65_536 ? new Secret(text) : undefined;
  });
}

/**
 * A credential that travels in a header: one line of at most 4,096 visible ASCII characters. With any other, such as
 * a line end, every request would fail.
 */
export function headerSecretSetting(): Setting<Secret> {
  return setting({ kind: 'secret', allowed: 'text in one line, without spaces' }, (raw) => {
    const text = raw instanceof Secret ? raw.reveal() : typeof raw === 'number' ? String(raw) : raw;
    return typeof text === 'string' && /^[\x21-\x7e]{1,4096}$/.test(text) ? new Secret(text) : undefined;
  });
}

const urlAllowed =
  'an http or https URL without user name or password, not at a link-local or metadata address (169.254.0.0/16, fe80::/10)';

/** A URL that the node may dial. */
export function urlSetting(): Setting<string> {
  return setting({ kind: 'url', allowed: urlAllowed }, (raw) =>
    typeof raw === 'string' && dialRefusal(raw) === undefined ? raw : undefined,
  );
}

/** A dialled URL whose path is itself a credential, as webhooks have it. */
export function secretUrlSetting(): Setting<Secret> {
  return setting({ kind: 'secret', allowed: urlAllowed }, (raw) => {
    const text = raw instanceof Secret ? raw.reveal() : raw;
    return typeof text === 'string' && dialRefusal(text) === undefined ? new Secret(text) : undefined;
  });
}

/** A file or folder; relative ones count from the file that names them, `~/` is the home folder. */
export function pathSetting(): Setting<string> {
  return setting({ kind: 'path', allowed: 'a path' }, (raw) =>
    typeof raw === 'string' && raw !== '' && !raw.includes('\0') ? raw : undefined,
  );
}

/** A list, or text with commas between the items (flags, environment and INI have no lists). */
export function listSetting<T>(item: Setting<T>, countMax = 1_000): Setting<T[]> {
  const allowed = `a list (or text with commas) of at most ${countMax}: ${metaOf(item)?.allowed ?? 'items'}`;
  return setting({ kind: 'list', allowed }, (raw) => {
    const items = typeof raw === 'string' ? splitList(raw) : raw;
    if (!Array.isArray(items) || items.length > countMax) return undefined;
    const parsed = items.map((each) => item.safeParse(each));
    const values = parsed.flatMap((each) => (each.success ? [each.data] : []));
    return values.length === items.length ? values : undefined;
  });
}

/** The `SettingMeta` of a schema made here, also through `.optional()` and `.default()`; undefined for others. */
export function metaOf(schema: z.core.$ZodType): SettingMeta | undefined {
  const own = z.globalRegistry.get(schema);
  if (own !== undefined && typeof own['kind'] === 'string')
    return { kind: own['kind'] as SettingMeta['kind'], allowed: String(own['allowed']) };
  const inner = innerType(schema);
  return inner === undefined ? undefined : metaOf(inner);
}

/** What `.optional()`, `.default()` and the like wrap; undefined for a schema that wraps nothing. */
export function innerType(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const definition = schema._zod.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType };
  return definition.innerType ?? definition.in;
}

function readNumber(raw: unknown): number | undefined {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : undefined;
  if (typeof raw !== 'string' || !/^-?\d+(?:\.\d+)?$/.test(raw.trim())) return undefined;
  return Number(raw);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
