import { Secret } from '../../../kit/secret.ts';
import { seededRandom } from '../../../kit/random.ts';
import type { Log, LogFields } from '../../../kit/log.ts';
import { silentLog } from '../../../kit/log.ts';
import type { TokenLogin, TokenSource } from '../../../node/providers/contract.ts';
import type { HeldToken, IssuedToken, RefreshOutcome, TokenPlace } from '../../../node/tokens/contract.ts';
import { tokenFaults } from '../../../node/tokens/faults.ts';
import { TokenCoordinator } from '../../../node/tokens/token-coordinator.ts';
import { TokenShelf } from '../../../node/tokens/token-shelf.ts';
import { ManualClock } from '../../manual-clock.ts';
import type { FakeCluster, FakeMember } from './fake-cluster.ts';

/** A login service in memory: rotates, and revokes the login when a spent token comes again. */
export class FakeService {
  readonly received: string[] = [];
  reuses = 0;
  isRevoked = false;
  /** False: a spent token is refused, and the login lives on. */
  revokesOnReuse = true;
  lifetimeMs = 3_600_000;
  /** What becomes of the answers; `hold` keeps them until `release`. */
  mode: 'answer' | 'hold' | 'lose' | 'fail' | 'refuse' | 'unreachable' = 'answer';
  readonly #spent = new Set<string>();
  readonly #held: (() => void)[] = [];
  #count = 0;

  readonly client = {
    refresh: (_login: TokenLogin, refresh: Secret, mayWrite: () => boolean): Promise<RefreshOutcome> => {
      const unreachable = tokenFaults.token_service_failed('unreachable');
      if (this.mode === 'unreachable') return Promise.resolve({ kind: 'later', maybeSpent: false, fault: unreachable });
      if (!mayWrite()) {
        const fault = tokenFaults.token_refresh_pending('too late');
        return Promise.resolve({ kind: 'later', maybeSpent: false, fault });
      }
      return this.#receive(refresh.reveal());
    },
  };

  get held(): number {
    return this.#held.length;
  }

  release(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  #receive(token: string): Promise<RefreshOutcome> {
    this.received.push(token);
    if (this.mode === 'fail') {
      return Promise.resolve({ kind: 'later', maybeSpent: true, fault: tokenFaults.token_service_failed('503') });
    }
    if (this.#spent.has(token)) {
      this.reuses++;
      this.isRevoked = this.revokesOnReuse;
    }
    if (this.isRevoked || this.#spent.has(token) || this.mode === 'refuse') {
      const fault = tokenFaults.token_needs_login('refused (invalid_grant)');
      return Promise.resolve({ kind: 'refused', error: 'invalid_grant', fault });
    }
    this.#spent.add(token);
    const number = ++this.#count;
    const issued: IssuedToken = {
      access: new Secret(`access-${number}`),
      refresh: new Secret(`refresh-${number}`),
      lifetimeMs: this.lifetimeMs,
      extras: {},
    };
    if (this.mode === 'lose')
      return Promise.resolve({ kind: 'unknown', fault: tokenFaults.token_outcome_unknown('the line went dead') });
    if (this.mode === 'answer') return Promise.resolve({ kind: 'renewed', token: issued });
    return new Promise((done) => this.#held.push(() => done({ kind: 'renewed', token: issued })));
  }
}

export const login: TokenLogin = {
  refreshToken: new Secret('refresh-0'),
  url: 'http://issuer.test/token',
  encoding: 'json',
  naming: 'camel',
  fields: { grant_type: 'refresh_token', client_id: 'cid', client_secret: new Secret('csec') },
  lifetimeMs: 3_600_000,
};

/** One node's tokens over a fake mesh, with a disk that outlives it. */
export interface TokenNode {
  readonly member: FakeMember;
  readonly coordinator: TokenCoordinator;
  readonly source: TokenSource;
  readonly disk: Map<string, HeldToken>;
  readonly changes: string[];
}

export interface TokenNodeOptions {
  disk?: Map<string, HeldToken>;
  login?: TokenLogin;
  log?: Log;
  /** Called for each write; throws when the disk refuses it. */
  onWrite?: () => void;
}

export async function tokenNode(
  cluster: FakeCluster,
  self: string,
  service: Pick<FakeService, 'client'>,
  options: TokenNodeOptions = {},
): Promise<TokenNode> {
  const member = cluster.join(self);
  const { clock } = cluster;
  const disk = options.disk ?? new Map<string, HeldToken>();
  const random = seededRandom(self.length + self.charCodeAt(self.length - 1));
  const log = options.log ?? silentLog;
  const files = {
    read: ({ accountId }: TokenPlace) => Promise.resolve(disk.get(accountId)),
    write: async ({ accountId }: TokenPlace, token: HeldToken) => {
      await Promise.resolve();
      options.onWrite?.();
      disk.set(accountId, token);
    },
  };
  const shelf = new TokenShelf({ files, clock, random, log });
  const changes: string[] = [];
  const observer = { tokenChanged: (id: string) => void changes.push(id) };
  const coordinator = new TokenCoordinator({
    mesh: member,
    client: service.client,
    shelf,
    clock,
    random,
    log,
    observer,
  });
  coordinator.start();
  const source = coordinator.register('q1', 'amazonq', options.login ?? login);
  await coordinator.loaded();
  return { member, coordinator, source, disk, changes };
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Moves the clock in steps, so that what a timer began can plan the next one. */
export async function pass(clock: ManualClock, forMs: number, stepMs = 500): Promise<void> {
  await settle();
  for (let passedMs = 0; passedMs < forMs; passedMs += stepMs) {
    clock.advance(Math.min(stepMs, forMs - passedMs));
    await settle();
  }
}

/** A log that keeps its lines. */
export function keepingLog(lines: string[]): Log {
  const write = (message: string, fields: LogFields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { ...silentLog, debug: write, info: write, warn: write, error: write, child: () => keepingLog(lines) };
}
