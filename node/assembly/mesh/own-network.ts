import { connect } from 'node:net';
import type { Clock, Timer } from '../../../kit/clock.ts';
import type { Log } from '../../../kit/log.ts';
import type { Account } from '../../accounts/contract.ts';
import type { Accounts } from '../../accounts/directory.ts';
import type { AccountObserver, OpeningNotice, StandingNotice } from '../../accounts/observer.ts';

/** Failures that say that nothing came back, and not that somebody answered badly. */
const networkFaults: ReadonlySet<string> = new Set([
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_connection_lost',
]);

/** One host that does not answer is that host's fault. */
const hostsMin = 2;

/** While the network is taken for broken, one connection to each host is tried this often. */
const probePeriodMs = 3000;
const probeTimeoutMs = 2000;
/** Hosts that are tried; the first that answers is enough. */
const probedHostsMax = 8;

export interface OwnNetworkParts {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly log: Log;
  /** Whether some other live member says that it is well: without one it may be the world that is broken. */
  readonly isAnyOtherWell: () => boolean;
  readonly onChange: (isAtFault: boolean) => void;
  /** Opens a TCP connection and answers whether it stood; does not reject. */
  readonly reaches?: (host: string, port: number, timeoutMs: number) => Promise<boolean>;
}

/**
 * Notices that it is this node's own network that fails, when every account fails from here by silence while another
 * member is well. Then its word about accounts must not count, and clients should go elsewhere.
 */
export class OwnNetwork implements AccountObserver {
  readonly #parts: OwnNetworkParts;
  /** Accounts whose breaker this node opened itself, by silence. */
  readonly #silent = new Set<string>();
  #isAtFault = false;
  #timer: Timer | undefined;
  #isProbing = false;
  #isStopped = false;

  constructor(parts: OwnNetworkParts) {
    this.#parts = parts;
  }

  get isAtFault(): boolean {
    return this.#isAtFault;
  }

  start(): void {
    this.#parts.accounts.observe(this);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  breakerOpened({ account, model, origin, fault }: OpeningNotice): void {
    if (origin !== 'own' || model !== undefined || fault === undefined || !networkFaults.has(fault.code)) return;
    this.#silent.add(account.id);
    this.#judge();
  }

  breakerClosed({ account }: StandingNotice): void {
    this.#silent.delete(account.id);
    if (this.#isAtFault) this.#recover();
  }

  accountChanged(account: Account): void {
    this.#silent.delete(account.id);
  }

  #judge(): void {
    const served = this.#served();
    const areAllSilent = originsOf(served).length >= hostsMin && served.every(({ id }) => this.#silent.has(id));
    if (this.#isAtFault || !areAllSilent || !this.#parts.isAnyOtherWell()) return;
    this.#isAtFault = true;
    this.#parts.log.error(
      'every account fails from here while other members are well: the network of this node is at fault',
    );
    this.#parts.onChange(true);
    this.#timer = this.#parts.clock.every(probePeriodMs, () => void this.#probe());
  }

  /** One connection to each host of the accounts that there are now. The next round waits for this one's end. */
  async #probe(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    const tries = originsOf(this.#served())
      .slice(0, probedHostsMax)
      .map((origin) => this.#tryHost(origin));
    await Promise.all(tries);
    this.#isProbing = false;
  }

  async #tryHost(origin: string): Promise<void> {
    const reaches = this.#parts.reaches ?? reachesByTcp;
    const { hostname, port, protocol } = new URL(origin);
    const isReached = await reaches(hostname, Number(port) || (protocol === 'https:' ? 443 : 80), probeTimeoutMs);
    if (isReached && this.#isAtFault && !this.#isStopped) this.#recover();
  }

  #served(): readonly Account[] {
    return this.#parts.accounts.all.filter(({ enabled, upstream }) => enabled && upstream !== undefined);
  }

  /** What this node held against accounts was its own network's doing. */
  #recover(): void {
    this.#timer?.cancel();
    this.#isAtFault = false;
    this.#parts.log.info('the network of this node works again');
    const silent = [...this.#silent];
    this.#silent.clear();
    for (const id of silent) if (this.#parts.accounts.get(id) !== undefined) this.#parts.accounts.reset(id, 'remote');
    this.#parts.onChange(false);
  }
}

function originsOf(accounts: readonly Account[]): string[] {
  return [...new Set(accounts.flatMap(({ upstream }) => upstream?.origin ?? []))];
}

function reachesByTcp(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port, timeout: timeoutMs });
    const end = (isReached: boolean) => {
      socket.destroy();
      resolve(isReached);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
