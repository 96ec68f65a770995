import type { Mesh } from '../../cluster/contract.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { Secret } from '../../kit/secret.ts';
import type { Accounts } from '../accounts/directory.ts';
import { AccessTokens } from '../auth/access-tokens.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { AuthSweep } from '../auth/auth-sweep.ts';
import type { CredentialVerifier, KeyDesk, KeyLimits, RoleDesk, SessionDesk, UserDesk } from '../auth/contract.ts';
import { CurrentSource } from '../auth/current-source.ts';
import { Directory } from '../auth/directory.ts';
import { FirstAdmin } from '../auth/first-admin.ts';
import { Keys, type KeyReferences } from '../auth/key-desk.ts';
import { KeySource } from '../auth/key-source.ts';
import { Lockouts } from '../auth/lockouts.ts';
import { Login } from '../auth/login.ts';
import { LoginPace } from '../auth/login-pace.ts';
import { NodeKey } from '../auth/node-key.ts';
import { Passwords } from '../auth/passwords.ts';
import { principal } from '../auth/principal.ts';
import { RecordsAtStart } from '../auth/records-at-start.ts';
import { Roles } from '../auth/role-desk.ts';
import { Sessions } from '../auth/session-desk.ts';
import type { AuthSettings } from '../auth/settings.ts';
import { SignedTokens } from '../auth/signed-tokens.ts';
import { SigningKeys } from '../auth/signing-keys.ts';
import { Users } from '../auth/user-desk.ts';
import { providers } from '../providers/registry.ts';
import { routingFaults } from '../routing/faults.ts';
import type { AccountRouter } from '../routing/router.ts';

/** A user whose password was made up, told this once. */
export interface MadeAdmin {
  readonly username: string;
  readonly password: Secret;
}

export interface AuthParts {
  settings: AuthSettings;
  /** The node's own: an admin, whatever the users. */
  apiKey: Secret;
  mesh: Pick<Mesh, 'records' | 'sealer' | 'leadership' | 'joining'>;
  /** What keys may be restricted to. */
  accounts: Pick<Accounts, 'get'>;
  router: Pick<AccountRouter, 'strategies'>;
  clock: Clock;
  random: Random;
  log: Log;
  onAdminMade(made: MadeAdmin): void;
}

export interface Auth {
  readonly verifier: CredentialVerifier;
  readonly users: UserDesk;
  readonly keys: KeyDesk;
  readonly roles: RoleDesk;
  readonly sessions: SessionDesk;
  /** The limits of a key that is there, the same object for the same revision of the key. */
  keyOf(id: string): { readonly limits: KeyLimits | undefined } | undefined;
  /** After the mesh has been started. */
  start(): void;
  stop(): void;
}

/** Everything about who is calling: users, keys, roles and logins, as records of the mesh. */
export function makeAuth({ settings, apiKey, mesh, clock, random, log, ...parts }: AuthParts): Auth {
  const table = { records: mesh.records, clock, log };
  const directory = new Directory(table);
  const desk = { directory, clock, random, log };
  const passwords = new Passwords(random);
  const lockouts = new Lockouts(table, {
    failuresMax: settings.lockout_failures,
    windowMs: settings.lockout_window,
    lockMaxMs: settings.lockout_max,
  });
  const lives = { access: settings.access_token_life, refresh: settings.refresh_token_life };
  const signingKeys = new SigningKeys({ ...table, sealer: mesh.sealer, random });
  const tokens = new SignedTokens(signingKeys, clock, lives);
  const login = new Login({ ...desk, passwords, lockouts, pace: new LoginPace(clock) });
  const nodeKey = new NodeKey(apiKey, principal('api_key', 'admin'));
  const recordsAtStart = new RecordsAtStart({ records: mesh.records, clock, log });
  const overRecords = [new KeySource(directory), new AccessTokens(directory, tokens, clock)];
  const sources = [nodeKey, ...overRecords.map((source) => new CurrentSource(source, recordsAtStart))];
  const firstAdmin = new FirstAdmin({
    ...desk,
    mesh,
    passwords,
    password: settings.admin_password,
    onMade: (made) => parts.onAdminMade(made),
  });
  const sweep = new AuthSweep({
    ...desk,
    mesh,
    lockouts,
    signingKeys,
    signingKeyLifeMs: settings.signing_key_life,
    refreshLifeMs: settings.refresh_token_life,
  });
  return {
    verifier: new Authenticator(sources, clock),
    users: new Users({ ...desk, passwords, lockedUntilMs: (id) => lockouts.lockedUntilMs(id) }),
    keys: new Keys(desk, referencesOf(parts)),
    roles: new Roles(desk),
    sessions: new Sessions({ ...desk, login, tokens, lives, sessionsMax: settings.sessions_max }),
    keyOf(id) {
      const key = directory.keys.get(id);
      return key && { limits: key.policy?.limits };
    },
    start() {
      recordsAtStart.start();
      firstAdmin.start();
      sweep.start();
    },
    stop() {
      recordsAtStart.stop();
      firstAdmin.stop();
      sweep.stop();
    },
  };
}

function referencesOf({ accounts, router }: Pick<AuthParts, 'accounts' | 'router'>): KeyReferences {
  const strategies = router.strategies.factories.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const known: ReadonlySet<string> = new Set(strategies);
  const provided: ReadonlySet<string> = new Set(providers.keys());
  return {
    hasAccount: (id) => accounts.get(id) !== undefined,
    hasProvider: (id) => provided.has(id),
    checkStrategy(name) {
      if (known.has(name)) return;
      throw routingFaults.unknown_strategy(`strategy: must be one of ${strategies.join(', ')}`, { field: 'strategy' });
    },
  };
}
