import { setImmediate as turn } from 'node:timers/promises';
import type { Mesh } from '../../../cluster/contract.ts';
import type { Secret } from '../../../kit/secret.ts';
import type { Log, LogFields } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import { AesSealer } from '../../../cluster/secret/aes-sealer.ts';
import { AccessTokens } from '../../../node/auth/access-tokens.ts';
import { AuthSweep } from '../../../node/auth/auth-sweep.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import type { Principal } from '../../../node/auth/contract.ts';
import { Directory } from '../../../node/auth/directory.ts';
import { FirstAdmin } from '../../../node/auth/first-admin.ts';
import { Keys } from '../../../node/auth/key-desk.ts';
import { KeySource } from '../../../node/auth/key-source.ts';
import { Lockouts } from '../../../node/auth/lockouts.ts';
import { LoginPace } from '../../../node/auth/login-pace.ts';
import { Login } from '../../../node/auth/login.ts';
import { Passwords } from '../../../node/auth/passwords.ts';
import { principal } from '../../../node/auth/principal.ts';
import { Roles } from '../../../node/auth/role-desk.ts';
import { Sessions } from '../../../node/auth/session-desk.ts';
import { SignedTokens } from '../../../node/auth/signed-tokens.ts';
import { SigningKeys } from '../../../node/auth/signing-keys.ts';
import { Users } from '../../../node/auth/user-desk.ts';
import { MemoryStore, type MeshNode, StateMesh } from '../../cluster/state-mesh/state-mesh.ts';

/** The node's own key: may do everything. */
export const root: Principal = principal('api_key', 'admin');

/** A hash that takes no time. */
export const cheap = { n: 16, r: 1, p: 1 };

export const goodPassword = 'correct horse battery';

export const minuteMs = 60_000;
export const dayMs = 86_400_000;
export const lives = { access: 15 * minuteMs, refresh: 30 * dayMs };
export const lockoutLimits = { failuresMax: 5, windowMs: 15 * minuteMs, lockMaxMs: 15 * minuteMs };
export const sessionsMax = 5;

/** One node's users, keys and roles over records that reach the other nodes of its mesh. */
export class AuthNode {
  readonly node: MeshNode;
  readonly directory: Directory;
  readonly users: Users;
  readonly keys: Keys;
  readonly roles: Roles;
  readonly lockouts: Lockouts;
  readonly passwords: CountingPasswords;
  readonly signingKeys: SigningKeys;
  readonly tokens: SignedTokens;
  readonly accessTokens: AccessTokens;
  readonly sessions: Sessions;
  readonly sweep: AuthSweep;
  readonly verifier: Authenticator;
  /** Whether this node leads. */
  readonly leadership = { isSelf: false };
  readonly joining = { isJoined: true };
  readonly lines: { message: string; fields: LogFields }[] = [];
  readonly log: Log;

  constructor(node: MeshNode, seed: number) {
    const random = seededRandom(seed);
    const { clock, records } = node;
    this.node = node;
    this.log = recordingLog(this.lines);
    this.directory = new Directory({ records, clock, log: this.log });
    const parts = { directory: this.directory, clock, random, log: this.log };
    const table = { records, clock, log: this.log };
    const passwords = new CountingPasswords(random, cheap);
    this.passwords = passwords;
    const lockouts = new Lockouts(table, lockoutLimits);
    this.lockouts = lockouts;
    this.signingKeys = new SigningKeys({ ...table, sealer, random });
    const tokens = new SignedTokens(this.signingKeys, clock, lives);
    this.tokens = tokens;
    this.accessTokens = new AccessTokens(this.directory, tokens, clock);
    this.users = new Users({ ...parts, passwords, lockedUntilMs: (id) => lockouts.lockedUntilMs(id) });
    const login = new Login({ ...parts, passwords, lockouts, pace: new LoginPace(clock) });
    this.sessions = new Sessions({ ...parts, login, tokens, lives, sessionsMax });
    this.sweep = new AuthSweep({
      ...parts,
      lockouts,
      signingKeys: this.signingKeys,
      mesh: { records, leadership: this.leadership as Mesh['leadership'] },
      signingKeyLifeMs: 30 * dayMs,
      refreshLifeMs: lives.refresh,
    });
    this.keys = new Keys(parts, {
      hasAccount: (id) => id === 'work' || id === 'spare',
      hasProvider: (id) => id === 'openai-custom',
      checkStrategy: (name) => {
        if (name !== 'random') throw new TypeError('unknown strategy');
      },
    });
    this.roles = new Roles(parts);
    this.verifier = new Authenticator([new KeySource(this.directory), this.accessTokens], clock);
  }

  /** One that makes the first admin as soon as it may. */
  firstAdmin(password?: Secret): { part: FirstAdmin; made: { username: string; password: Secret }[] } {
    const { clock, records } = this.node;
    const made: { username: string; password: Secret }[] = [];
    const part = new FirstAdmin({
      directory: this.directory,
      mesh: { records, leadership: this.leadership as Mesh['leadership'], joining: this.joining },
      passwords: this.passwords,
      clock,
      random: seededRandom(7),
      log: this.log,
      password,
      onMade: (each) => made.push(each),
    });
    return { part, made };
  }

  /** Who calls with this credential, once it is known. */
  async caller(credential: string): Promise<Principal | undefined> {
    const known = this.verifier.verify(credential);
    if (known !== undefined) return known;
    await this.verifier.learn(credential);
    return this.verifier.verify(credential);
  }
}

/** The same secret at every member. */
const sealer = new AesSealer(new Uint8Array(32).fill(9));

/** Counts what is hashed. */
export class CountingPasswords extends Passwords {
  compared = 0;

  override compare(...[password, kept, turn]: Parameters<Passwords['compare']>): ReturnType<Passwords['compare']> {
    const mayBegin = () => {
      const may = turn.mayBegin();
      if (may) this.compared++;
      return may;
    };
    return super.compare(password, kept, { ...turn, mayBegin });
  }
}

export class AuthMesh {
  readonly mesh: StateMesh;
  readonly nodes: AuthNode[] = [];
  readonly #isAlone: boolean;
  #seed = 100;

  constructor(count: number, seed = 1) {
    this.mesh = new StateMesh(seed);
    this.#isAlone = count === 1;
    for (let index = 1; index <= count; index++) this.start(`n${index}`);
    this.mesh.joinAll();
    this.mesh.advance(200);
  }

  /** `store`: the disk of a process before. */
  start(id: string, store = new MemoryStore()): AuthNode {
    let made: AuthNode | undefined;
    this.mesh.start(id, {
      store,
      ...(this.#isAlone ? { isJoined: () => true } : {}),
      beforeStart: (node) => {
        made = new AuthNode(node, ++this.#seed);
      },
    });
    if (made === undefined) throw new Error('not started');
    this.nodes.push(made);
    return made;
  }

  /** Lets time pass until it settles. */
  async done<T>(promise: Promise<T>): Promise<T> {
    const outcome = { isSettled: false };
    const settle = () => void (outcome.isSettled = true);
    promise.then(settle, settle);
    while (!outcome.isSettled) {
      await turn();
      this.mesh.advance(1);
    }
    return promise;
  }

  /** Lets time pass until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await turn();
      this.mesh.advance(1);
    }
  }

  /** The code of what it is refused with. */
  async refusal(promise: Promise<unknown>): Promise<string> {
    try {
      await this.done(promise);
    } catch (error) {
      return String(Reflect.get(Object(error), 'code'));
    }
    return 'done';
  }

  cut(left: string, right: string): void {
    this.mesh.network.disconnect(left, right);
  }

  /** Both give the other up, as after a while without a word. */
  part(left: string, right: string): void {
    this.cut(left, right);
    this.mesh.believe(left, right, 'dead');
    this.mesh.believe(right, left, 'dead');
  }
}

/** A mesh of so many nodes; those that are not there are the first. */
export function authMesh(count: number, seed = 1) {
  const all = new AuthMesh(count, seed);
  const [n1, n2, n3] = all.nodes;
  if (n1 === undefined) throw new Error('a mesh has a node');
  return { all, n1, n2: n2 ?? n1, n3: n3 ?? n1 };
}

function recordingLog(lines: { message: string; fields: LogFields }[]): Log {
  const write = (message: string, fields: LogFields = {}) => void lines.push({ message, fields });
  const log: Log = {
    level: 'debug',
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: () => log,
    flush: () => undefined,
  };
  return log;
}
