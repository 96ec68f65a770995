import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Folder } from '../node/config/folder.ts';
import { type NodeProcess, type NodeProcessOptions, startNodeProcess } from './node-process.ts';

describe('the first start', () => {
  let folder: Folder;
  const running: NodeProcess[] = [];
  beforeEach(async () => {
    folder = await Folder.create();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((node) => node.stop()));
    await folder.remove();
  });

  async function started(options: NodeProcessOptions = {}): Promise<NodeProcess> {
    const node = await startNodeProcess({}, { dataDir: `${folder.cwd}/data`, ...options });
    running.push(node);
    return node;
  }

  /** Waits for the log to say that the admin was made. */
  async function untilMade(node: NodeProcess): Promise<void> {
    while (!node.stderr().includes('made the first user')) await wait(20);
  }

  /** What it printed of an admin; waits for a line more after the banner. */
  async function admin(node: NodeProcess): Promise<{ username: string; password: string }> {
    for (;;) {
      const line = node.stdout().split('\n')[1] ?? '';
      if (line.endsWith('}')) return (JSON.parse(line) as { admin: { username: string; password: string } }).admin;
      await wait(20);
    }
  }

  it('prints the password of the admin once, outside of the log, and the next start says nothing of it', async () => {
    const first = await started();
    const { username, password } = await admin(first);
    expect(username).toBe('admin');
    expect(password.length).toBeGreaterThanOrEqual(20);
    expect(first.stderr()).not.toContain(password);
    await first.stop();
    const second = await started();
    await second.fetch('/health/ready');
    await second.stop();
    expect(second.stdout().trim().split('\n')).toHaveLength(1);
    expect(second.stderr()).not.toContain('made the first user');
  });

  it('takes the password of AIPROXY_ADMIN_PASSWORD and prints none', async () => {
    const node = await started({ env: { AIPROXY_ADMIN_PASSWORD: 'given by a person' } });
    await untilMade(node);
    await node.stop();
    expect(node.stdout().trim().split('\n')).toHaveLength(1);
    expect(node.stdout() + node.stderr()).not.toContain('given by a person');
  });

  it('of workers under a supervisor prints it through the supervisor, once for all', async () => {
    const supervisor = await started({ args: ['--workers', '2', '--workers-port', '0'] });
    expect(await admin(supervisor)).toMatchObject({ username: 'admin' });
    await supervisor.stop();
    expect(supervisor.stdout().trim().split('\n')).toHaveLength(2);
  });
});
