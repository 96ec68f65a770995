import type { Log, LogFields } from '../../../kit/log.ts';

/** A log that a test reads: `level message`, one a line. */
export function linesLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (message: string, _fields?: LogFields) => void lines.push(`${level} ${message}`);
  const log: Log & { readonly lines: string[] } = {
    lines,
    level: 'debug',
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
    flush: () => undefined,
  };
  return log;
}
