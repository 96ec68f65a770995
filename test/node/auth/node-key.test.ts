import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../kit/secret.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import { NodeKey } from '../../../node/auth/node-key.ts';
import { principal, requirePermission } from '../../../node/auth/principal.ts';
import { permissions } from '../../../node/auth/contract.ts';
import { roles } from '../../../node/auth/permissions.ts';

describe('the node’s own key', () => {
  it('is accepted until it is replaced', () => {
    const nodeKey = new NodeKey(new Secret('first'), principal('admin', 'admin'));
    const verifier = new Authenticator([nodeKey]);
    expect(verifier.verify('first')?.id).toBe('admin');
    nodeKey.replace(new Secret('second'));
    expect(verifier.verify('first')).toBeUndefined();
    expect(verifier.verify('second')?.id).toBe('admin');
  });

  it('is kept as a hash only', () => {
    const nodeKey = new NodeKey(new Secret('sk-plain'), principal('admin', 'admin'));
    expect(inspect(nodeKey, { showHidden: true, depth: 9 })).not.toContain('sk-plain');
  });

  it('is one source of several', () => {
    const verifier = new Authenticator([
      new NodeKey(new Secret('a'), principal('one', 'admin')),
      new NodeKey(new Secret('b'), principal('two', 'user')),
    ]);
    expect(verifier.verify('b')?.id).toBe('two');
    expect(verifier.verify('')).toBeUndefined();
  });
});

describe('roles', () => {
  it('grant what their names say', () => {
    expect(permissions).toHaveLength(17);
    expect([...roles.admin].sort()).toEqual([...permissions].sort());
    expect([...roles.user]).toEqual(['proxy:use']);
    expect([...roles.viewer].every((permission) => permission.endsWith(':read'))).toBe(true);
    expect(roles.operator.has('users:write') || roles.operator.has('keys:write')).toBe(false);
  });

  it('decide who sees accounts, and the refusal names what is missing', () => {
    expect(principal('v', 'viewer').canSeeAccounts).toBe(true);
    const user = principal('u', 'user');
    expect(user.canSeeAccounts).toBe(false);
    expect(() => requirePermission(user, 'cache:write')).toThrow(/cache:write/);
    expect(() => requirePermission(user, 'proxy:use')).not.toThrow();
  });
});
