import type { Script, ScriptedCall } from './script.ts';

type Setter = (script: Script, value: string) => void;

const count = (value: string, otherwise: number): number => {
  if (value === '') return otherwise;
  const number = Number(value);
  if (Number.isNaN(number) || number < 0) throw new Error(`script: "${value}" is not a number of 0 or more`);
  return number;
};

const callsOf = (script: Script): ScriptedCall[] => (Array.isArray(script.calls) ? script.calls : []);

/** `call=Name:{"a":1}`, percent-encoded. */
function addCall(script: Script, value: string): void {
  const text = decodeURIComponent(value);
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const input: unknown = colon === -1 ? {} : JSON.parse(text.slice(colon + 1));
  script.calls = [...callsOf(script), { name, input }];
  script.callsOnce = true;
}

/** Every directive of the text form. `README.md` in this folder explains them; a test compares the two. */
export const directives: Record<string, Setter> = {
  echo: () => undefined,
  say: (script, value) => (script.say = decodeURIComponent(value)),
  text: (script, value) => (script.events = count(value, 20)),
  describe: (script) => (script.describe = true),
  tool: (script) => (script.calls = 1),
  tools: (script) => {
    script.calls = 1;
    script.callsOnce = true;
  },
  parallel: (script, value) => {
    script.calls = count(value, 2);
    script.callsOnce = true;
  },
  interleaved: (script, value) => {
    script.calls = count(value, 2);
    script.callsOnce = true;
    script.interleaved = true;
  },
  loose: (script, value) => {
    script.calls = count(value, 2);
    script.callsOnce = true;
    script.loose = true;
  },
  call: addCall,
  thinking: (script) => (script.thinking = true),
  redacted: (script) => (script.redacted = true),
  length: (script) => (script.finish = 'length'),
  refusal: (script) => (script.finish = 'refusal'),
  stop: (script) => (script.finish = 'stop_sequence'),
  pause: (script) => (script.finish = 'pause'),
  'token-usage': (script) => (script.tokenUsage = true),
  'open-call': (script) => (script.openCall = true),
  cached: (script) => (script.cached = true),
  'no-usage': (script) => (script.noUsage = true),
  '429': (script, value) => {
    script.error = 'rate-limit';
    if (value !== '') script.retryAfterSeconds = count(value, 1);
  },
  '429-reset': (script, value) => {
    script.error = 'rate-limit';
    script.resetHeaders = true;
    script.retryAfterSeconds = count(value, 20);
  },
  quota: (script) => (script.error = 'quota'),
  '500': (script) => (script.error = 'server-error'),
  '503': (script) => (script.error = 'unavailable'),
  '529': (script) => (script.error = 'overloaded'),
  '401': (script) => (script.error = 'expired'),
  '403': (script) => (script.error = 'forbidden'),
  suspended: (script) => (script.error = 'suspended'),
  'no-credit': (script) => (script.error = 'no-credit'),
  'too-long': (script) => (script.error = 'too-long'),
  '413': (script) => (script.error = 'too-large'),
  '404': (script) => (script.error = 'no-model'),
  '400': (script) => (script.error = 'bad-request'),
  status: (script, value) => (script.errorStatus = count(value, 400)),
  reason: (script, value) => (script.errorReason = decodeURIComponent(value)),
  message: (script, value) => (script.errorMessage = decodeURIComponent(value)),
  exception: (script, value) => (script.exception = decodeURIComponent(value)),
  'error-before': (script) => (script.errorEventAfter = 0),
  'error-after': (script, value) => (script.errorEventAfter = count(value, 2)),
  delay: (script, value) => (script.delayMs = count(value, 100)),
  slow: (script, value) => (script.perEventMs = count(value, 20)),
  pieces: (script, value) => (script.pieceBytes = Math.max(1, count(value, 1))),
  coalesced: (script) => (script.coalesced = true),
  'reset-at': (script, value) => (script.resetAtByte = count(value, 0)),
  'cut-at': (script, value) => (script.cutAtByte = count(value, 0)),
  truncate: (script, value) => (script.truncateAfterEvents = count(value, Infinity)),
  'silent-headers': (script) => (script.silent = 'headers'),
  silent: (script) => (script.silent = 'all'),
  'stall-after': (script, value) => (script.stallAfterEvents = count(value, 3)),
  endless: (script) => (script.endless = true),
  huge: (script, value) => (script.hugeBytes = count(value, 2_000_000)),
  gzip: (script) => (script.gzip = 'accepted'),
  'gzip-always': (script) => (script.gzip = 'always'),
  crlf: (script) => (script.lineEnd = '\r\n'),
  cr: (script) => (script.lineEnd = '\r'),
  chatter: (script) => (script.chatter = true),
  'html-200': (script) => (script.garbage = 'html-200'),
  'html-502': (script) => (script.garbage = 'html-502'),
  'broken-json': (script) => (script.garbage = 'broken-json'),
  empty: (script) => (script.garbage = 'empty'),
  'content-type': (script, value) => (script.contentType = decodeURIComponent(value)),
  'hang-up': (script) => (script.hangUp = true),
  first: (script, value) => (script.first = count(value, 1)),
};

const cache = new Map<string, Script | undefined>();
/** Texts remembered; scripts come from model names, which a load test may vary without end. */
const cacheSizeMax = 1000;

/**
 * Reads `directive[=value],directive[=value]…` with an optional `script:` before it. Undefined when the text is no
 * script (then it is an ordinary model name); throws when it says `script:` and a directive is unknown.
 */
export function parseScript(text: string): Script | undefined {
  if (cache.has(text)) return cache.get(text);
  const script = parse(text);
  if (cache.size >= cacheSizeMax) cache.clear();
  cache.set(text, script);
  return script;
}

function parse(text: string): Script | undefined {
  const isExplicit = text.startsWith('script:');
  const script: Script = {};
  for (const directive of (isExplicit ? text.slice('script:'.length) : text).split(',')) {
    const equals = directive.indexOf('=');
    const name = equals === -1 ? directive : directive.slice(0, equals);
    const setter = Object.hasOwn(directives, name) ? directives[name] : undefined;
    if (setter === undefined) {
      if (isExplicit) throw new Error(`script: unknown directive "${name}"`);
      return undefined;
    }
    setter(script, equals === -1 ? '' : directive.slice(equals + 1));
  }
  return script;
}
