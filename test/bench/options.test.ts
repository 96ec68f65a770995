import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../bench/options.ts';

const options = (...args: string[]) => {
  const command = parseOptions(args);
  if (command.kind !== 'run') throw new Error('not a run');
  return command.options;
};

describe('options of the bench', () => {
  test('quick rounds are shorter and fewer, and can be set all the same', () => {
    expect(options('--quick').seconds).toBeLessThan(options().seconds);
    expect(options('--quick').rounds).toBeLessThan(options().rounds);
    expect(options('--quick', '--seconds', '2', '--rounds', '7')).toMatchObject({ seconds: 2, rounds: 7 });
  });

  test('lists are names between commas', () => {
    expect(options('--only', 'forward, streamed', '--targets=nginx')).toMatchObject({
      works: ['forward', 'streamed'],
      targets: ['nginx'],
    });
  });

  test('profiles the product unless another target is named', () => {
    expect(options('--profile').profile).toBe('aiproxy');
    expect(options('--profile', 'bare-pipe').profile).toBe('bare-pipe');
    expect(options().profile).toBeUndefined();
  });

  test.each([
    ['--seconds', '0'],
    ['--rounds', 'many'],
    ['--seconds', '301'],
    ['stray', ''],
    ['--unknown', ''],
  ])('refuses %s %s', (...args) => {
    expect(() => parseOptions(args.filter(Boolean))).toThrow(Error);
  });
});
