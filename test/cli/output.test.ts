import { describe, expect, it } from 'vitest';
import { createOutput } from '../../cli/program/output.ts';
import { RecordedTerminal } from './recorded-terminal.ts';

function everything(isTTY: boolean, env: Record<string, string> = {}, isJson = false): string {
  const terminal = new RecordedTerminal('/', '/', env);
  terminal.stdout.isTTY = isTTY;
  const output = createOutput(terminal, isJson);
  output.pending('waiting');
  output.line(output.strong('a') + output.dim('b') + output.good('c') + output.bad('d'));
  return terminal.stdout.text;
}

describe('output', () => {
  it('has colours, and says what is under way, at a terminal', () => {
    expect(everything(true)).toBe(
      'waiting\r\u001B[1ma\u001B[0m\u001B[2mb\u001B[0m\u001B[32mc\u001B[0m\u001B[31md\u001B[0m\n',
    );
  });

  it('is plain elsewhere and with NO_COLOR', () => {
    expect(everything(false)).toBe('abcd\n');
    expect(everything(true, { NO_COLOR: '1' })).toBe('abcd\n');
  });

  it('says nothing of what is under way beside a JSON value', () => {
    expect(everything(true, {}, true)).not.toContain('waiting');
  });
});
