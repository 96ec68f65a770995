import { setImmediate as turn } from 'node:timers/promises';
import type { Log, LogFields } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import type { Principal } from '../../../node/auth/contract.ts';
import { Directory } from '../../../node/auth/directory.ts';
import { Keys } from '../../../node/auth/key-desk.ts';
import { KeySource } from '../../../node/auth/key-source.ts';
import { Passwords } from '../../../node/auth/passwords.ts';
import { principal } from '../../../node/auth/principal.ts';
import { Roles } from '../../../node/auth/role-desk.ts';
import { Users } from '../../../node/auth/user-desk.ts';
import { MemoryStore, type MeshNode, StateMesh } from '../../cluster/state-mesh/state-mesh.ts';

/** The node's own key: may do everything. */
export const root: Principal = principal('api_key', 'admin');

/** A hash that takes no time. */
export const cheap = { n: 16, r: 1, p: 1 };

export const goodPassword = 'correct horse battery';

/** One node's users, keys and roles over records that reach the other nodes of its mesh. */
export class AuthNode {
  readonly node: MeshNode;
  readonly directory: Directory;
  readonly users: Users;
  readonly keys: Keys;
  readonly roles: Roles;
  readonly verifier: Authenticator;
  readonly lines: { message: string; fields: LogFields }[] = [];
  readonly log: Log;

  constructor(node: MeshNode, seed: number) {
    const random = seededRandom(seed);
    const { clock, records } = node;
    this.node = node;
    this.log = recordingLog(this.lines);
    this.directory = new Directory({ records, clock, log: this.log });
    const parts = { directory: this.directory, clock, random, log: this.log };
    const passwords = new Passwords(random, cheap);
    this.users = new Users({ ...parts, passwords, lockedUntilMs: () => undefined });
    this.keys = new Keys(parts, {
      hasAccount: (id) => id === 'work' || id === 'spare',
      hasProvider: (id) => id === 'openai-custom',
      checkStrategy: (name) => {
        if (name !== 'random') throw new TypeError('unknown strategy');
      },
    });
    this.roles = new Roles(parts);
    this.verifier = new Authenticator([new KeySource(this.directory)], clock);
  }
}

export class AuthMesh {
  readonly mesh: StateMesh;
  readonly nodes: AuthNode[] = [];
  #seed = 100;

  constructor(count: number, seed = 1) {
    this.mesh = new StateMesh(seed);
    for (let index = 1; index <= count; index++) this.start(`n${index}`);
    this.mesh.joinAll();
    this.mesh.advance(200);
  }

  /** `store`: the disk of a process before. */
  start(id: string, store = new MemoryStore()): AuthNode {
    let made: AuthNode | undefined;
    this.mesh.start(id, {
      store,
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
    let isSettled = false;
    const settle = () => void (isSettled = true);
    promise.then(settle, settle);
    while (!isSettled) {
      await turn();
      this.mesh.advance(1);
    }
    return promise;
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

export function meshOf(count: number, seed?: number): [AuthMesh, ...AuthNode[]] & { 1: AuthNode } {
  const mesh = new AuthMesh(count, seed);
  return [mesh, ...mesh.nodes] as [AuthMesh, AuthNode];
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
