import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { dispatch } from '../../../../cli/program/dispatch.ts';
import { silentLog } from '../../../../kit/log.ts';
import { startNode, type RunningNode } from '../../../../node/main.ts';
import { Folder } from '../../../node/config/folder.ts';
import { claudeAccount, nodeKey, openaiAccount } from '../../../running-node.ts';
import { start as startUpstream, type Upstream } from '../../../upstream/upstream.ts';
import { RecordedTerminal } from '../../recorded-terminal.ts';

/** What a node does in the background takes a fraction of a second, and longer on a machine that is busy. */
export const waiting = { timeout: 20_000 };

export const adminPassword = 'the first of all 1';

/** Nodes with a data folder that outlives them, and the command line beside them. */
export class BackupRig {
  readonly folder: Folder;
  readonly upstream: Upstream;
  #node: RunningNode | undefined;

  private constructor(folder: Folder, upstream: Upstream) {
    this.folder = folder;
    this.upstream = upstream;
  }

  static async start(): Promise<BackupRig> {
    return new BackupRig(await Folder.create(), await startUpstream());
  }

  get url(): string {
    return this.#node?.url ?? 'http://127.0.0.1:1';
  }

  path(name: string): string {
    return join(this.folder.cwd, name);
  }

  /** Starts `lone` on a data folder. */
  async start(data = 'data'): Promise<void> {
    await this.configure(data);
    const { settings } = await this.folder.settings(['--config', 'config.yaml']);
    this.#node = await startNode(settings, { log: silentLog });
    // The first admin is made once the node is up.
    await vi.waitFor(async () => {
      const { json } = await this.call('GET', '/users');
      expect(json['users']).toContainEqual(expect.objectContaining({ username: 'admin' }));
    }, waiting);
  }

  /** What a start and the verbs read; nobody listens on the port that the verbs would ask without `--url`. */
  async configure(data = 'data', port = 0): Promise<void> {
    const accounts = [openaiAccount(this.upstream), claudeAccount(this.upstream)];
    const cluster = { node_id: 'lone' };
    const settings = { api_key: nodeKey, port, data_dir: this.path(data), auth: { admin_password: adminPassword } };
    await this.folder.write('config.yaml', JSON.stringify({ ...settings, cluster, accounts }));
  }

  async stopNode(): Promise<void> {
    await this.#node?.stop();
    this.#node = undefined;
  }

  /** `aiproxy backup` with the flags of this folder. */
  async backUp(args: readonly string[], env: Record<string, string> = {}) {
    const terminal = new RecordedTerminal(this.folder.cwd, this.folder.home, env);
    const code = await dispatch(['backup', ...args, '--config', 'config.yaml'], terminal);
    return { code, out: terminal.stdout.text, err: terminal.stderr.text };
  }

  async call(method: string, path: string, body?: unknown, key = nodeKey) {
    const response = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  }

  /** Files below a folder with their permissions. */
  async files(name: string): Promise<Record<string, string>> {
    const entries = await readdir(this.path(name), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const modes = await Promise.all(files.map(async (file) => ((await stat(file)).mode & 0o777).toString(8)));
    return Object.fromEntries(files.map((file, at) => [file.slice(this.path(name).length + 1), modes[at] ?? '']));
  }

  async stop(): Promise<void> {
    await this.stopNode();
    await this.upstream.close();
    await this.folder.remove();
  }
}
