import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../../node/config/load.ts';
import type { Settings } from '../../../node/config/settings.ts';
import { needingRestart } from '../../../node/assembly/restart-settings.ts';

async function settings(args: readonly string[]): Promise<Settings> {
  const configuration = await loadConfiguration({ args, env: {}, cwd: '/nowhere', home: '/nowhere' });
  if (!configuration.ok) throw new Error(configuration.errors.join('\n'));
  return configuration.settings;
}

describe('needingRestart', () => {
  it('names what changed and is only read at the start, secrets among them', async () => {
    const before = await settings(['--api-key', 'one', '--port', '1']);
    const after = await settings(['--api-key', 'two', '--port', '2', '--drain-timeout', '5s', '--admin-port', '9']);
    expect(needingRestart(before, after)).toEqual(['port', 'api_key', 'limits.drain_timeout', 'admin.port']);
  });

  it('names nothing where nothing changed, or only what is taken over at once', async () => {
    const before = await settings(['--api-key', 'one']);
    const flags = '--api-key one --load-balancer-algorithm random --log-level debug --model-provider openai-custom';
    const after = await settings([...flags.split(' '), '--openai-base-url', 'http://127.0.0.1:9/v1']);
    expect(needingRestart(before, before)).toEqual([]);
    expect(needingRestart(before, after)).toEqual([]);
  });
});
