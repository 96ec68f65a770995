import type { Log, LogFields, LogLevel } from '../../../kit/log.ts';
import { isFault } from '../../../kit/fault.ts';
import { DiskError } from './disk-error.ts';

/** A node's log: lines go to the trace; an error that is nobody's Fault is a bug in the product. */
export class SimLog implements Log {
  level: LogLevel = 'debug';
  readonly #note: ((line: string) => void) | undefined;
  readonly #onBug: (error: Error) => void;

  constructor(note: ((line: string) => void) | undefined, onBug: (error: Error) => void) {
    this.#note = note;
    this.#onBug = onBug;
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }
  child(): Log {
    return this;
  }
  flush(): void {
    // Nothing is held.
  }

  #write(level: LogLevel, message: string, fields: LogFields = {}): void {
    const { error } = fields;
    if (error instanceof Error && !isFault(error) && !(error instanceof DiskError)) this.#onBug(error);
    this.#note?.(`${level} ${message} ${JSON.stringify({ ...fields, error: String(error ?? '') || undefined })}`);
  }
}
