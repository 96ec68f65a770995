import { afterEach, expect, test } from 'vitest';
import { startIssuer, type Issuer } from '../../upstream/oauth-issuer.ts';
import { startMesh, until, type MeshOfProcesses } from './mesh-of-processes.ts';

let issuer: Issuer;
let mesh: MeshOfProcesses;

afterEach(async () => {
  await mesh.stop();
  await issuer.close();
});

async function start(isMeshOn: boolean, lifetimeSeconds: number): Promise<void> {
  issuer = await startIssuer({ lifetimeSeconds });
  const account = { id: 'q1', provider: 'amazonq', ...issuer.login('q1') };
  mesh = await startMesh({ count: 3, isMeshOn, settings: { accounts: [account] } });
}

/** When the token ends, as each node of `indices` says. */
async function ends(indices: readonly number[]): Promise<(string | null)[]> {
  const seen = await Promise.all(indices.map((index) => mesh.status(index)));
  return seen.map(({ tokens }) => tokens[0]?.expires_at ?? null);
}

async function agree(indices: readonly number[]): Promise<boolean> {
  const seen = await ends(indices);
  return seen[0] !== null && new Set(seen).size === 1;
}

test('three nodes spend each refresh token once, all have the new one at once, and go on after the leader was killed', async () => {
  await start(true, 3600);
  await until(() => agree([0, 1, 2]), 5_000, 'all nodes have the first token');
  expect(issuer.requests).toBe(1);
  const answer = await mesh.nodes[2]!.fetch('/accounts/q1/refresh', { method: 'POST' });
  expect(answer.status).toBe(200);
  await until(() => agree([0, 1, 2]), 500, 'all nodes have the token that one of them asked for');
  expect(issuer.requests).toBe(2);

  const { leader } = await mesh.status(0);
  const killed = mesh.ids.indexOf(leader ?? '');
  const left = [0, 1, 2].filter((index) => index !== killed);
  mesh.nodes[killed]!.signal('SIGKILL');
  await mesh.nodes[killed]!.exited;
  const successor = async () => {
    const now = (await mesh.status(left[0]!)).leader;
    return now !== null && now !== leader;
  };
  await until(successor, 10_000, 'another node leads');
  const again = await mesh.nodes[left[1]!]!.fetch('/accounts/q1/refresh', { method: 'POST' });
  expect(again.status).toBe(200);
  await until(() => agree(left), 500, 'both have the token of the new leader');
  await mesh.restart(killed);
  await until(() => agree([0, 1, 2]), 10_000, 'the one that was killed has it too');
  expect([issuer.requests, issuer.reuses]).toEqual([3, []]);
}, 60_000);

test('three nodes that do not know each other spend the same token, and lose the login', async () => {
  await start(false, 3600);
  await issuer.until(({ requests }) => requests >= 3);
  expect(issuer.reuses.length).toBeGreaterThan(0);
}, 60_000);
