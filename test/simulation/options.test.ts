import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const program = join(import.meta.dirname, 'run.ts');
const run = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

describe('npm run simulate', () => {
  it('takes seeds, nodes and time', () => {
    expect(parseOptions(['--seeds', '20', '--seed', '5', '--nodes', '3', '--minutes', '2'])).toMatchObject({
      seed: 5,
      seeds: 20,
      nodes: 3,
      virtualMs: 120_000,
    });
    expect(parseOptions(['--seed', '7'])).toMatchObject({ seed: 7, seeds: 1 });
  });

  it('refuses what is out of bounds, in words', () => {
    expect(() => parseOptions(['--nodes', '0'])).toThrow('--nodes must be a number from 1 to 1000, not 0');
    expect(run('--bug', 'no-such-bug')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no bug named no-such-bug'),
    });
  });

  it('ends with 0 where nothing is found, and with 1 and the command for the seed where something is', () => {
    expect(run('--seeds', '4', '--nodes', '3', '--seconds', '20')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('nothing found'),
    });
    expect(run('--seeds', '2', '--bug', 'clear-acknowledged-before-it-is-applied')).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(
        /npm run simulate -- --seed \d --nodes 5 --bug clear-acknowledged-before-it-is-applied/,
      ),
    });
  });
});
