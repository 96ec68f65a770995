import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MemberMesh } from '../../../cluster/mesh.ts';
import { systemClock } from '../../../kit/clock.ts';
import { silentLog } from '../../../kit/log.ts';
import { systemRandom } from '../../../kit/random.ts';
import { Secret } from '../../../kit/secret.ts';
import { Accounts } from '../../../node/accounts/directory.ts';
import { type Auth, makeAuth, type MadeAdmin } from '../../../node/assembly/auth.ts';
import { authenticate, learnCredential } from '../../../node/auth/find-credential.ts';
import { principal } from '../../../node/auth/principal.ts';
import { authSettings } from '../../../node/auth/settings.ts';
import { StrategyRegistry } from '../../../node/routing/registry.ts';
import { loneMesh } from './mesh/lone-mesh.ts';

const apiKey = 'sk-aiproxy-own';
const root = principal('api_key', 'admin');

describe('users and keys of a node alone', () => {
  let mesh: MemberMesh;
  let auth: Auth;
  let made: Promise<MadeAdmin>;
  beforeEach(async () => {
    const admin = Promise.withResolvers<MadeAdmin>();
    made = admin.promise;
    mesh = loneMesh(systemClock);
    auth = makeAuth({
      settings: authSettings.parse({}),
      apiKey: new Secret(apiKey),
      mesh,
      accounts: new Accounts({ clock: systemClock }),
      router: { strategies: new StrategyRegistry(systemRandom) },
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      onAdminMade: admin.resolve,
    });
    await mesh.start(() => undefined);
    auth.start();
  });
  afterEach(async () => {
    auth.stop();
    await mesh.leave(false);
  });

  /** As a listener does: what is not known at once may be known after a turn. */
  async function callerOf(credential: string): Promise<string> {
    const headers = { authorization: `Bearer ${credential}` };
    try {
      return authenticate(auth.verifier, headers, '/').id;
    } catch (error) {
      const learning = learnCredential(auth.verifier, headers, '/');
      if (learning === undefined) return String(Reflect.get(Object(error), 'code'));
      await learning;
      return authenticate(auth.verifier, headers, '/').id;
    }
  }

  it('make an admin who logs in, goes on and leaves', async () => {
    const { username, password } = await made;
    const tokens = await auth.sessions.login(username, password.reveal(), '127.0.0.1');
    const [admin] = auth.users.list({ limit: 10, after: undefined }).items;
    expect(await callerOf(tokens.accessToken)).toBe(admin?.id);
    const next = await auth.sessions.refresh(tokens.refreshToken);
    expect(await callerOf(next.accessToken)).toBe(admin?.id);
    await auth.sessions.logout(next.refreshToken);
    expect(await callerOf(next.accessToken)).toBe('bad_credential');
    // Its hash is of the full cost by now, and it still goes.
    expect((await auth.sessions.login('ADMIN', password.reveal(), '127.0.0.1')).expiresInMs).toBe(900_000);
    await expect(auth.sessions.login('admin', 'wrong password', '127.0.0.1')).rejects.toMatchObject({
      code: 'login_refused',
    });
  });

  it('leave the key of the node an admin, beside keys of users', async () => {
    const { key, secret } = await auth.keys.create({ name: 'k', strategy: 'random', providers: ['oci'] }, root);
    expect(await callerOf(apiKey)).toBe('api_key');
    expect(auth.verifier.verify(apiKey)?.permissions.size).toBe(17);
    expect(await callerOf(secret)).toBe(key.id);
    await auth.keys.revoke(key.id, root);
    expect(await callerOf(secret)).toBe('bad_credential');
  });

  it('name what there is not in the other rooms', async () => {
    const refused = (fields: object) => expect(auth.keys.create({ name: 'k', ...fields }, root)).rejects;
    await refused({ strategy: 'best' }).toMatchObject({ code: 'unknown_strategy', field: 'strategy' });
    await refused({ providers: ['best'] }).toMatchObject({ code: 'unknown_provider', field: 'providers' });
    await refused({ accounts: ['best'] }).toMatchObject({ code: 'unknown_account', field: 'accounts' });
  });
});
