import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directives, parseScript } from './parse-script.ts';

describe('scripts as text', () => {
  it('reads directives with and without values', () => {
    expect(parseScript('thinking,tools,slow=5')).toEqual({ thinking: true, calls: 1, callsOnce: true, perEventMs: 5 });
    expect(parseScript('script:reset-at=120')).toEqual({ resetAtByte: 120 });
    expect(parseScript('say=one%2C%20two')).toEqual({ say: 'one, two' });
    expect(parseScript('call=Read:%7B%22a%22%3A1%7D,call=Bash')).toEqual({
      calls: [
        { name: 'Read', input: { a: 1 } },
        { name: 'Bash', input: {} },
      ],
      callsOnce: true,
    });
  });

  it('leaves the names of models alone', () => {
    for (const name of ['gpt-4o-mini', 'claude-sonnet-5-5', 'constructor', ''])
      expect(parseScript(name)).toBeUndefined();
  });

  it('refuses an unknown directive where a script is meant', () => {
    expect(() => parseScript('script:reset-ta=1')).toThrow('reset-ta');
    expect(() => parseScript('slow=fast')).toThrow('fast');
  });

  it('is documented', () => {
    const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
    const cells = readme
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|')[1] ?? '');
    const words = new Set(cells.flatMap((cell) => cell.split(/[`\s,=[]+/)));
    expect(Object.keys(directives).filter((name) => !words.has(name))).toEqual([]);
  });
});
