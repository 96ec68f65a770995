import { expect } from 'vitest';
import { permissions, type Permission } from '../../node/auth/contract.ts';
import { isPermission, roles } from '../../node/auth/permissions.ts';

/** A node with everything that management needs, reached over HTTP alone. */
export interface WalkedNode {
  url: string;
  adminKey: string;
  /** Lets so much time pass for the node that a key which was good for an hour is no longer good. */
  passAnHour(): void;
  /** The node answers model calls too. */
  hasDataPlane: boolean;
}

export interface Walk {
  calls: number;
  routes: number;
  problems: string[];
}

interface Call {
  method: string;
  /** As in the document: `/accounts/{id}`. */
  path: string;
  permission: string;
}

interface Caller {
  name: string;
  credential: string | undefined;
  /** Undefined: not known to the node, or no longer. */
  permissions: ReadonlySet<Permission> | undefined;
}

/** Ends the node that answers it: called with a good key once, after all others. */
const lastCall = '/cluster/leave';
const dataPlanePaths = /^\/v1(?:beta)?\/(?:messages|chat|responses|embeddings|models\/.*:)/;

/**
 * Calls every route of /openapi.json as every role, with every single permission, without a key, with an expired one and
 * with the token of a user: allowed exactly where the declared permission says so. Bodies are left out, so that a call
 * that is allowed changes nothing. Answers what is wrong, a line each.
 */
export async function walkPermissions(node: WalkedNode): Promise<Walk> {
  const documented = await documentedCalls(node);
  const routes = documented.filter(isDeclared);
  const callers = await makeCallers(node);
  const tries = routes.flatMap((call) => callers.map((caller) => ({ call, caller })));
  const early = tries.filter(({ call, caller }) => call.path !== lastCall || !mayCall(call, caller));
  const problems = documented.filter((call) => !isDeclared(call)).map((call) => `${call.path} has no permission`);
  for (let at = 0; at < early.length; at += batchSize) {
    const batch = early.slice(at, at + batchSize);
    const found = await Promise.all(batch.map(({ call, caller }) => problemOf(node, call, caller)));
    problems.push(...found.flatMap((problem) => problem ?? []));
  }
  const last = tries.find(({ call, caller }) => call.path === lastCall && mayCall(call, caller));
  const problem = last && (await problemOf(node, last.call, last.caller));
  if (problem !== undefined) problems.push(problem);
  return { calls: early.length, routes: routes.length, problems };
}

/** Calls at once; more gain nothing on one machine. */
const batchSize = 32;

async function documentedCalls(node: WalkedNode): Promise<Call[]> {
  const document = (await answerOf(node, 'GET', '/openapi.json')) as {
    paths: Record<string, Record<string, { 'x-permission'?: string }>>;
  };
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      permission: operation['x-permission'] ?? '',
    })),
  );
  return all.filter(({ path }) => node.hasDataPlane || !dataPlanePaths.test(path));
}

function isDeclared({ permission }: Call): boolean {
  return isPermission(permission) || ['all', 'any', 'none'].includes(permission);
}

async function makeCallers(node: WalkedNode): Promise<Caller[]> {
  const callers: Caller[] = [
    { name: 'nobody', credential: undefined, permissions: undefined },
    { name: 'a wrong key', credential: 'aip_wrong', permissions: undefined },
  ];
  for (const [role, granted] of Object.entries(roles)) {
    callers.push({ name: `a key of the role ${role}`, credential: await keyOf(node, { role }), permissions: granted });
  }
  for (const permission of permissions) {
    const role = `only-${permission.replace(':', '-')}`;
    await answerOf(node, 'PUT', `/roles/${role}`, { permissions: [permission] });
    const granted = new Set([permission]);
    callers.push({ name: `a key with ${permission}`, credential: await keyOf(node, { role }), permissions: granted });
  }
  const elsewhere = { role: 'admin', networks: ['192.0.2.1'] };
  callers.push({ name: 'an admin from elsewhere', credential: await keyOf(node, elsewhere), permissions: new Set() });
  const inAnHour = { role: 'admin', expires_at: new Date((await nodeTimeMs(node)) + 3_600_000).toISOString() };
  const expired = await keyOf(node, inAnHour);
  node.passAnHour();
  callers.push({ name: 'an expired key', credential: expired, permissions: undefined });
  const revoked = await keyOf(node, { role: 'admin', name: 'revoked' }, true);
  callers.push({ name: 'a revoked key', credential: revoked, permissions: undefined });
  for (const role of ['viewer', 'admin'] as const) {
    callers.push({ name: `a ${role} with a token`, credential: await tokenOf(node, role), permissions: roles[role] });
  }
  return callers;
}

async function keyOf(node: WalkedNode, fields: Record<string, unknown>, isRevoked = false): Promise<string> {
  const made = await answerOf(node, 'POST', '/keys', { name: 'of the walk', ...fields });
  const { id, key } = made as { id: string; key: string };
  if (isRevoked) await answerOf(node, 'DELETE', `/keys/${id}`);
  return key;
}

async function tokenOf(node: WalkedNode, role: string): Promise<string> {
  const password = 'walks over every route 7';
  await answerOf(node, 'POST', '/users', { username: `walker-${role}`, password, role });
  const answer = await answerOf(node, 'POST', '/auth/login', { username: `walker-${role}`, password });
  return (answer as { access_token: string }).access_token;
}

/** When the node made a key: its clock is not the test's. */
async function nodeTimeMs(node: WalkedNode): Promise<number> {
  const { id } = (await answerOf(node, 'POST', '/keys', { name: 'clock' })) as { id: string };
  const { created_at } = (await answerOf(node, 'GET', `/keys/${id}`)) as { created_at: string };
  return Date.parse(created_at);
}

function mayCall({ permission }: Call, caller: Caller): boolean {
  if (permission === 'none') return true;
  if (caller.permissions === undefined || caller.name === 'an admin from elsewhere') return false;
  if (permission === 'all') return permissions.every((each) => caller.permissions?.has(each) === true);
  return permission === 'any' || [...caller.permissions].some((held) => held === permission);
}

async function problemOf(node: WalkedNode, call: Call, caller: Caller): Promise<string | undefined> {
  const response = await fetch(node.url + call.path.replaceAll(/\{[a-z_]+\}/g, 'x'), {
    method: call.method,
    ...(caller.credential === undefined ? {} : { headers: { authorization: `Bearer ${caller.credential}` } }),
  });
  await response.arrayBuffer();
  const { status } = response;
  const refusal = caller.permissions === undefined ? 401 : 403;
  const isRight = mayCall(call, caller) ? status !== 401 && status !== 403 : status === refusal;
  const isSaid = status !== 401 || dataPlanePaths.test(call.path) || response.headers.has('www-authenticate');
  if (isRight && isSaid && (status < 500 || status === 503)) return undefined;
  return `${call.method} ${call.path} (${call.permission}) by ${caller.name}: ${status}`;
}

/** What the admin is answered; anything but success fails. */
async function answerOf(node: WalkedNode, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(node.url + path, {
    method,
    headers: { authorization: `Bearer ${node.adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.status, `${method} ${path}: ${text}`).toBeLessThan(300);
  return text === '' ? undefined : JSON.parse(text);
}
