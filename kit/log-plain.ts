/** Anything that takes one line a call. */
export interface LogDestination {
  write(line: string): unknown;
}

/** Turns JSON log lines into `12:03:04 warn  message  key=value`, for a person at a terminal. */
export function plainLines(
  destination: LogDestination & { flushSync?: () => void },
): LogDestination & { flushSync(): void } {
  return {
    write: (line) => destination.write(plainLine(line)),
    flushSync: () => destination.flushSync?.(),
  };
}

function plainLine(line: string): string {
  const { time, level, message, error, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 19);
  const facts = Object.entries(fields).map(([name, value]) => `  ${name}=${plainValue(value)}`);
  return `${clock} ${String(level).padEnd(5)} ${String(message ?? '')}${facts.join('')}${plainError(error)}\n`;
}

function plainValue(value: unknown): string {
  return typeof value === 'string' && /^\S*$/.test(value) ? value : JSON.stringify(value);
}

function plainError(error: unknown): string {
  if (error === undefined) return '';
  if (typeof error !== 'object' || error === null || !('stack' in error)) return `  error=${plainValue(error)}`;
  return `\n${String(error.stack)}`;
}
