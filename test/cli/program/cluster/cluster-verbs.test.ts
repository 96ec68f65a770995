import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dispatch } from '../../../../cli/program/dispatch.ts';
import { freePorts } from '../../../../cli/program/supervise/free-ports.ts';
import { durationText } from '../../../../cli/program/cluster/print-status.ts';
import { Folder } from '../../../node/config/folder.ts';
import { RecordedTerminal } from '../../recorded-terminal.ts';

const key = 'sk-cluster-key';
const member = {
  node_id: 'node1',
  address: '127.0.0.1:3000',
  state: 'alive',
  self: true,
  health: 'well',
  version: '0.1.0',
  uptime_seconds: 3_725,
  in_flight: 3,
  last_heard_ms: 0,
  rtt_ms: 0,
};
const status = {
  node_id: 'node1',
  leader: 'node2',
  term: 3,
  converged: true,
  joined: true,
  obstacle: null,
  cache_epoch: 'e1',
  version: '0.1.0',
  voters: ['node1', 'node2'],
  members: [
    member,
    { ...member, node_id: 'node2', self: false, address: '[::1]:3001', last_heard_ms: 40, rtt_ms: 0.21 },
    { ...member, node_id: 'node3', self: false, address: '127.0.0.1:3002', state: 'dead' },
    { ...member, node_id: 'node4', self: false, address: '127.0.0.1:3003', health: 'draining' },
    { ...member, node_id: 'node5', self: false, address: 'x; } evil { :1' },
  ],
  accounts: [
    { id: 'a', available: true, in_flight: { node1: 2, node2: 1 }, breaker: { node1: 'closed', node2: 'closed' } },
    { id: 'b', available: false, in_flight: {}, breaker: { node1: 'open', node2: 'closed' } },
  ],
  tokens: [
    { account: 'q1', expires_at: '2026-01-01T00:00:00Z', refreshed_by: 'node2', term: 3, needs_login: false },
    { account: 'q2', expires_at: null, refreshed_by: null, term: null, needs_login: true },
  ],
};

let folder: Folder;
let server: Server;
let url = '';
let asked: string[];

beforeEach(async () => {
  folder = await Folder.create();
  asked = [];
  server = createServer((request, response) => {
    const isAllowed = request.headers.authorization === `Bearer ${key}`;
    asked.push(`${request.method} ${request.url}`);
    const send = (code: number, body: unknown) => response.writeHead(code).end(JSON.stringify(body));
    if (!isAllowed) send(401, { error: { code: 'unauthorized', message: 'the key is not known' } });
    else if (request.url === '/cluster/status') send(200, status);
    else if (request.url === '/cluster/members/node9')
      send(409, { error: { code: 'member_not_removed', message: 'node9 stays: it is no voter' } });
    else if (request.method === 'DELETE') send(200, { removed: 'node3', voters: ['node1'] });
    else response.writeHead(200).end('<html>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await folder.remove();
});

async function run(args: string[], answer?: string) {
  const terminal = new RecordedTerminal(folder.cwd, folder.home, {});
  const questions: string[] = [];
  if (answer !== undefined) {
    const ask = (question: string) => {
      questions.push(question);
      return Promise.resolve(answer);
    };
    Object.assign(terminal, { ask });
  }
  const code = await dispatch(args, terminal);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text, questions };
}

const given = (...args: string[]) => [...args, '--url', url, '--api-key', key];

describe('cluster status', () => {
  it('shows the mesh to a person', async () => {
    const { code, out } = await run(given('cluster', 'status'));
    expect(code).toBe(0);
    expect(out).toContain('4 of 5 members alive, as node1 sees them; leader node2 (term 3); converged');
    expect(out).toMatch(/^node1 \(self\) +alive +127\.0\.0\.1:3000 +0\.1\.0 +1h 2m +3$/m);
    expect(out).toMatch(/^node2 +alive +\[::1\]:3001 +0\.1\.0 +1h 2m +3 +0s ago +0\.2 ms$/m);
    expect(out).toMatch(/^node4 +alive, draining/m);
    expect(out).toMatch(/^a +yes +node1 2, node2 1 +closed$/m);
    expect(out).toMatch(/^b +no +0 +node1 open, node2 closed$/m);
    expect(out).toMatch(/^q1 +2026-01-01T00:00:00Z +node2 +3$/m);
    expect(out).toMatch(/^q2 +needs a login$/m);
  });

  it('hands on what the node said with --json', async () => {
    const { out } = await run(given('cluster', 'status', '--json'));
    expect(JSON.parse(out)).toEqual(status);
  });

  it('finds the node and its kept key by the settings of a start', async () => {
    await folder.write('data/api-key', `${key}\n`);
    const port = url.split(':')[1] ?? '';
    expect(await run(['cluster', 'status', '--port', port, '--data-dir', 'data'])).toMatchObject({ code: 0, err: '' });
  });

  it('says in one line what is wrong, and ends with a code of its own', async () => {
    const [port] = await freePorts(1);
    const closed = `127.0.0.1:${port}`;
    expect(await run(['cluster', 'status', '--url', url, '--api-key', 'wrong'])).toMatchObject({
      code: 4,
      err: `aiproxy: http://${url} refuses the key (the key is not known); give one that may with --api-key or AIPROXY_API_KEY\n`,
    });
    expect(await run(['cluster', 'status', '--url', closed, '--api-key', key])).toMatchObject({
      code: 3,
      err: `aiproxy: no node answers at http://${closed} (ECONNREFUSED); start one with aiproxy start, or name another with --url\n`,
    });
    const { code, err } = await run(['cluster', 'status', '--url', url]);
    expect(code).toBe(2);
    expect(err).toMatch(/^aiproxy: no key: none in .*api-key .*\n$/);
    expect(await run(['cluster', 'status', '--url', 'http://[', '--api-key', key])).toMatchObject({
      code: 2,
      err: '--url: "http://[" is not allowed; allowed: an address such as http://127.0.0.1:3000\n',
    });
    expect(await run(['cluster', 'status', '--url', `${url}/other`, '--api-key', key])).toMatchObject({
      code: 1,
      err: `aiproxy: what answers at http://${url}/other is no aiproxy node; name one with --url\n`,
    });
  });
});

describe('cluster nginx', () => {
  it('names the members that take requests, and no address of another form', async () => {
    const { code, out } = await run(given('cluster', 'nginx'));
    expect(code).toBe(0);
    expect(out.match(/server .*/g)).toEqual([
      'server 127.0.0.1:3000 max_fails=1 fail_timeout=1s;',
      'server [::1]:3001 max_fails=1 fail_timeout=1s;',
    ]);
    expect(out).not.toContain('listen');
  });

  it('writes all that nginx needs into a file', async () => {
    const { code, out } = await run(given('cluster', 'nginx', '--full', '--listen', '8090', '--out', 'aiproxy.conf'));
    expect(code).toBe(0);
    expect(out).toContain('names 2 members');
    expect(await readFile(join(folder.cwd, 'aiproxy.conf'), 'utf8')).toContain('listen 8090;');
  });

  it('refuses a port that is none', async () => {
    expect((await run(given('cluster', 'nginx', '--listen', 'x'))).code).toBe(2);
  });
});

describe('cluster remove', () => {
  it('removes a member', async () => {
    expect(await run(given('cluster', 'remove', 'node3'))).toMatchObject({ code: 0, out: 'node3 is removed\n' });
    expect(asked).toEqual(['DELETE /cluster/members/node3']);
  });

  it('says why one stays', async () => {
    expect(await run(given('cluster', 'remove', 'node9'))).toMatchObject({
      code: 1,
      err: `aiproxy: http://${url}/cluster/members/node9: node9 stays: it is no voter\n`,
    });
  });

  it('asks a person before it forces, and does nothing without a yes', async () => {
    const refused = await run(given('cluster', 'remove', 'node3', '--force'), 'n');
    expect(refused).toMatchObject({ code: 1, err: 'nothing was removed\n' });
    expect(refused.questions).toHaveLength(1);
    expect(asked).toEqual([]);
    expect((await run(given('cluster', 'remove', 'node3', '--force'), 'y')).code).toBe(0);
    expect(asked).toEqual(['DELETE /cluster/members/node3?force=true']);
  });

  it('asks nobody where nobody sits', async () => {
    expect((await run(given('cluster', 'remove', 'node3', '--force'))).code).toBe(0);
  });

  it('needs an id', async () => {
    expect((await run(given('cluster', 'remove'))).code).toBe(2);
  });
});

it.each([
  [0.04, '0s'],
  [0.26, '0.3s'],
  [12, '12s'],
  [60, '1m'],
  [250, '4m 10s'],
  [11_100, '3h 5m'],
  [187_200, '2d 4h'],
])('%f seconds are %s', (seconds, text) => expect(durationText(seconds)).toBe(text));
