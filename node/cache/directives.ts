/** What a client's Cache-Control asks of the cache (RFC 9111, section 5.2.1). */
export interface ClientDirectives {
  /** Neither read nor keep. */
  readonly noStore: boolean;
  /** Do not read; keep the fresh answer. */
  readonly noCache: boolean;
  /** Do not serve what is older, milliseconds. */
  readonly ageMsMax: number;
}

const none: ClientDirectives = { noStore: false, noCache: false, ageMsMax: Infinity };

/** Longer values are noise. */
const valueLengthMax = 1024;

export function clientDirectives(cacheControl: string | undefined, pragma: string | undefined): ClientDirectives {
  if (cacheControl === undefined)
    return pragma === undefined ? none : { ...none, noCache: hasDirective(pragma, 'no-cache') };
  const age = maxAge(cacheControl);
  return {
    noStore: hasDirective(cacheControl, 'no-store'),
    noCache: hasDirective(cacheControl, 'no-cache') || age === 0,
    ageMsMax: age * 1000,
  };
}

/** Whether an upstream says that its answer is for this one request. */
export function forbidsKeeping(cacheControl: string | readonly string[] | undefined): boolean {
  if (cacheControl === undefined) return false;
  return hasDirective(typeof cacheControl === 'string' ? cacheControl : cacheControl.join(','), 'no-store');
}

function hasDirective(value: string, name: string): boolean {
  return directivesOf(value).some((each) => each === name);
}

function maxAge(value: string): number {
  const directive = directivesOf(value).find((each) => each.startsWith('max-age='));
  const seconds = /^max-age="?(\d{1,10})"?$/.exec(directive ?? '')?.[1];
  return seconds === undefined ? Infinity : Number(seconds);
}

function directivesOf(value: string): string[] {
  if (value.length > valueLengthMax) return ['no-store'];
  return value.split(',').map((part) => part.trim().toLowerCase());
}
