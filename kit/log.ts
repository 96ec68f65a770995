import pino from 'pino';
import { plainLines, type LogDestination } from './log-plain.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/** The product's log: a sentence, and facts beside it. Fields named like a credential are redacted. */
export interface Log {
  level: LogLevel;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds `fields` to each of its lines. */
  child(fields: LogFields): Log;
  /** Writes out what is still held; call before the process exits. */
  flush(): void;
}

export interface LogOptions {
  level: LogLevel;
  /** A stream of the process, or anything with `write` (one JSON line a call). */
  destination: 'stdout' | 'stderr' | LogDestination;
  /** `json` for machines, `plain` for a person at a terminal. */
  format?: 'json' | 'plain';
}

/** Lines held while a slow reader does not take them; further ones are dropped, for a log must not eat the memory. */
const heldBytesMax = 8_388_608;

const secretNames = [
  'api_key',
  'apiKey',
  'key',
  'password',
  'secret',
  'client_secret',
  'clientSecret',
  'token',
  'access_token',
  'accessToken',
  'refresh_token',
  'refreshToken',
  'authorization',
  'cookie',
  '"x-api-key"',
  '"x-goog-api-key"',
  '"api-key"',
];

/** Secret fields at the top and up to two levels down, where headers, accounts and requests hold them. */
const secretPaths = secretNames.flatMap((name) =>
  name.startsWith('"') ? [`[${name}]`, `*[${name}]`, `*.*[${name}]`] : [name, `*.${name}`, `*.*.${name}`],
);

export function createLog(options: LogOptions): Log {
  const target = openDestination(options);
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError, err: describeError, cause: describeError },
      redact: { paths: secretPaths, censor: '[redacted]' },
    },
    target,
  );
  return new PinoLog(logger, () => {
    if ('flushSync' in target && typeof target.flushSync === 'function') target.flushSync();
  });
}

/** A log that says nothing; for tests and for callers that were given none. */
export const silentLog: Log = {
  level: 'silent',
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
  flush: () => undefined,
};

class PinoLog implements Log {
  readonly #logger: pino.Logger;
  readonly #flush: () => void;

  constructor(logger: pino.Logger, flush: () => void) {
    this.#logger = logger;
    this.#flush = flush;
  }

  get level(): LogLevel {
    return this.#logger.level as LogLevel;
  }

  set level(level: LogLevel) {
    this.#logger.level = level;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#logger.debug(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#logger.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#logger.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#logger.error(fields, message);
  }

  child(fields: LogFields): Log {
    return new PinoLog(this.#logger.child({ ...fields }), this.#flush);
  }

  flush(): void {
    this.#flush();
  }
}

function openDestination(options: LogOptions): LogDestination {
  const { destination, format = 'json' } = options;
  const stream = typeof destination === 'string' ? openStream(destination) : destination;
  return format === 'plain' ? plainLines(stream) : stream;
}

function openStream(name: 'stdout' | 'stderr'): LogDestination {
  const stream = pino.destination({ dest: name === 'stdout' ? 1 : 2, sync: false, maxLength: heldBytesMax });
  // The reader of a pipe may leave before us; that must not end the node.
  stream.on('error', () => undefined);
  return stream;
}

/** Code, message, stack and the causes' messages; none of an error's other properties, which may hold a request. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    code: 'code' in error ? error.code : undefined,
    message: error.message,
    stack: error.stack,
    causes: causesOf(error),
  };
}

/** A chain of causes longer than this is a loop. */
const causeDepthMax = 8;

function causesOf(error: Error): string[] | undefined {
  const causes: string[] = [];
  let cause = error.cause;
  while (cause instanceof Error && causes.length < causeDepthMax) {
    causes.push(cause.message);
    cause = cause.cause;
  }
  return causes.length === 0 ? undefined : causes;
}
