import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../cli/program/dispatch.ts';
import { Folder } from '../node/config/folder.ts';
import { RecordedTerminal } from './recorded-terminal.ts';

let folder: Folder;

beforeEach(async () => {
  folder = await Folder.create();
});

afterEach(() => folder.remove());

async function run(args: string[], env: Record<string, string> = {}) {
  const terminal = new RecordedTerminal(folder.cwd, folder.home, env);
  const code = await dispatch(args, terminal);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text };
}

const groups = [
  'start, demo, login, cluster status, cluster nginx, cluster up, cluster remove, users list, users add, users set',
  'users remove, keys list, keys add, keys set, keys revoke, roles list, roles set, roles remove, usage, traces',
  'prices list, prices set, prices remove, backup, config show, version',
];
const verbs = groups.join(', ');

describe('a verb', () => {
  it.each([[['version']], [['--version']], [['-v']]])('version: %j', async (args) => {
    expect(await run(args)).toMatchObject({ code: 0, out: expect.stringMatching(/^aiproxy \d+\.\d+\.\d+/), err: '' });
  });

  it('prints one JSON value with --json', async () => {
    const { out } = await run(['version', '--json']);
    expect(JSON.parse(out)).toMatchObject({ version: expect.stringMatching(/^\d/), node: process.version });
  });

  it.each([
    [['sttart'], 'sttart: unknown verb; did you mean aiproxy start?'],
    [['frobnicate'], `frobnicate: unknown verb; known: ${verbs}`],
    [['config'], 'config: unknown verb; did you mean aiproxy config show?'],
    [['help', 'nope'], `nope: unknown verb; known: ${verbs}`],
    [['version', '--foo'], '--foo: unknown here; aiproxy version --help lists what is known'],
    [
      ['start', '--workers', 'x'],
      '--workers: "x" is not allowed; allowed: a whole number from 1 to 256, or auto (one to a core)',
    ],
    [
      ['--workers', '2', '--workers-port', 'x'],
      '--workers-port: "x" is not allowed; allowed: a whole number from 0 to 65535',
    ],
    [['cluster'], 'cluster: unknown verb; did you mean aiproxy cluster up?'],
    [
      ['cluster', 'up', '-n', '0'],
      '--nodes: "0" is not allowed; allowed: a whole number from 1 to 256, or auto (one to a core)',
    ],
    [['cluster', 'up', '--base-port', '65534'], '--base-port: not allowed; allowed: a whole number from 0 to 65533'],
    [['demo', '--port', 'x'], '--port: not allowed; allowed: a whole number from 0 to 65535'],
    [['--prot', '1'], '--prot: unknown flag; did you mean --port?'],
    [['start', '-port', 'x'], 'port: "x" is not allowed; allowed: a whole number from 0 to 65535 (flag --port)'],
  ])('that is wrong ends with 2 and one line: %j', async (args, line) => {
    expect(await run(args)).toEqual({ code: 2, out: '', err: `${line}\n` });
  });
});

describe('help', () => {
  it.each([[['--help']], [['-h']], [['help']]])('lists verbs and flags: %j', async (args) => {
    const { code, out } = await run(args);
    expect(code).toBe(0);
    for (const word of ['aiproxy start', 'aiproxy demo', 'aiproxy config show', '--seed-nodes', '--multi-account']) {
      expect(out).toContain(word);
    }
  });

  it.each([[['keys', '--help']], [['keys', '-h']], [['help', 'keys']]])(
    'of verbs with one beginning: %j',
    async (args) => {
      const { code, out, err } = await run(args);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      for (const word of ['aiproxy keys list', 'aiproxy keys add', 'aiproxy keys revoke']) expect(out).toContain(word);
      expect(out).not.toContain('aiproxy users');
    },
  );

  it.each([[['config', 'show', '--help']], [['help', 'config', 'show']]])('of one verb: %j', async (args) => {
    const { code, out } = await run(args);
    expect(code).toBe(0);
    expect(out).toContain('--origin');
    expect(out).toContain('--cluster-secret-file');
  });
});

describe('config show', () => {
  it('prints YAML that can be kept, warnings beside it', async () => {
    await folder.write('c.yaml', 'port: 3005\napi_key: hunter2\nwebsocket: {enabled: true}\n');
    const { code, out, err } = await run(['config', 'show', '--config', 'c.yaml', '-port', '3006', '--origin']);
    expect(code).toBe(0);
    expect(out).toContain('port: 3006 # flag --port\n');
    expect(out).toContain('api_key: "[redacted]" # c.yaml:2\n');
    expect(err).toBe('warning: websocket.enabled is set; this version reads it but does not act on it\n');
  });

  it('prints JSON', async () => {
    const { out } = await run(['config', 'show', '--json', '--origin'], { NODE_ID: 'n1' });
    expect(JSON.parse(out)).toMatchObject({
      settings: { port: 3_000, cluster: { node_id: 'n1' } },
      origins: { port: 'default', 'cluster.node_id': 'environment NODE_ID' },
    });
  });

  it('tells what is wrong, all of it', async () => {
    const { code, out, err } = await run(['config', 'show', '--port', 'x', '--cache-ttl', 'y']);
    expect([code, out]).toEqual([2, '']);
    expect(err.trim().split('\n')).toHaveLength(2);
  });
});
