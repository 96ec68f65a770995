import type { Log, LogFields } from '../../../kit/log.ts';

export interface RecordedLog extends Log {
  readonly lines: { level: string; message: string; fields: LogFields | undefined }[];
}

/** A log that keeps its lines for a test to read. */
export function recordedLog(): RecordedLog {
  const lines: RecordedLog['lines'] = [];
  const write = (level: string) => (message: string, fields?: LogFields) => void lines.push({ level, message, fields });
  const log: RecordedLog = {
    level: 'debug',
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
    flush: () => undefined,
  };
  return log;
}
