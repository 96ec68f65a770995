import { backoffMs } from '../../kit/backoff.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import type { Random } from '../../kit/random.ts';
import { isFault, type Fault } from '../../kit/fault.ts';
import type { Timing } from '../timing.ts';
import type { PeerId, Transport } from '../transport/contract.ts';
import type { SeedResolver } from './contract.ts';
import { dialEach } from './dial-each.ts';
import type { Grievances } from './grievances.ts';

export interface SeedsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
  readonly transport: Transport;
  readonly resolver: SeedResolver;
  readonly grievances: Grievances;
  readonly seeds: readonly string[];
  readonly ownAddress: string;
  /** Whether other members are known: then there is no hurry. */
  readonly hasCompany: () => boolean;
  /** It turned out that every seed is this node itself. */
  readonly onAlone: () => void;
  /** Another process has this node's key. */
  readonly onCopy: (fault: Fault) => void;
}

interface Seed {
  readonly address: string;
  /** Those who answered there, of the last try. */
  peers: readonly PeerId[];
  isSelf: boolean;
  attempt: number;
  timer: Timer | undefined;
}

/**
 * Dials the seeds for as long as the node runs: they are how a mesh that fell apart finds itself again, and a seed may
 * come back as another peer. One that leads to this node itself is asked again now and then all the same, since what a
 * DNS name stands for changes.
 */
export class Seeds {
  readonly #options: SeedsOptions;
  readonly #seeds: readonly Seed[];
  #isRunning = false;

  constructor(options: SeedsOptions) {
    this.#options = options;
    const own = normalised(options.ownAddress);
    const others = new Set(options.seeds.map(normalised).filter((address) => address !== own));
    this.#seeds = [...others].map((address) => ({ address, peers: [], isSelf: false, attempt: 0, timer: undefined }));
  }

  /** True when there is nobody else to ask, as far as is known. */
  get isAlone(): boolean {
    return this.#seeds.every(({ isSelf }) => isSelf);
  }

  start(): void {
    this.#isRunning = true;
    for (const seed of this.#seeds) this.#try(seed);
  }

  stop(): void {
    this.#isRunning = false;
    for (const seed of this.#seeds) seed.timer?.cancel();
  }

  #try(seed: Seed): void {
    const { transport, resolver } = this.#options;
    if (seed.peers.some((peer) => transport.isOpen(peer))) {
      this.#again(seed);
      return;
    }
    resolver.resolve(seed.address, (result) => {
      if (!this.#isRunning) return;
      if (isFault(result)) this.#failed(seed, [result], false);
      else this.#dial(seed, result);
    });
  }

  #dial(seed: Seed, addresses: readonly string[]): void {
    dialEach(this.#options.transport, addresses, ({ peers, faults, isSelf }) => {
      if (!this.#isRunning) return;
      seed.peers = peers;
      if (peers.length > 0) this.#succeeded(seed);
      else this.#failed(seed, faults, isSelf);
    });
  }

  #succeeded(seed: Seed): void {
    seed.isSelf = false;
    seed.attempt = 0;
    this.#options.grievances.settled(seed.address);
    this.#again(seed);
  }

  #failed(seed: Seed, faults: readonly Fault[], isSelf: boolean): void {
    seed.attempt++;
    seed.isSelf = isSelf;
    if (seed.isSelf) this.#foundSelf(seed);
    else this.#options.grievances.raise(seed.address, wordsFor(seed.address, faults));
    this.#again(seed);
    const copy = faults.find(({ code }) => code === 'node_id_taken');
    if (copy !== undefined) this.#options.onCopy(copy);
  }

  #foundSelf(seed: Seed): void {
    this.#options.grievances.settled(seed.address);
    if (this.isAlone) this.#options.onAlone();
  }

  #again(seed: Seed): void {
    seed.timer?.cancel();
    seed.timer = this.#options.clock.after(this.#delayMs(seed), () => this.#try(seed));
  }

  #delayMs({ isSelf, attempt }: Seed): number {
    const { timing, random, hasCompany } = this.#options;
    if (isSelf) return timing.redialMaxMs * (0.8 + 0.4 * random.next());
    if (hasCompany() || attempt === 0) return timing.seedPeriodMs * (0.8 + 0.4 * random.next());
    // Half of the delay is certain, so that a dead seed is not asked many times in a row by chance.
    const spread = { baseMs: timing.redialMinMs, capMs: timing.seedPeriodMs };
    return timing.redialMinMs / 2 + backoffMs(attempt, spread, random);
  }
}

/** The most telling of several addresses' faults: one that names a mistake rather than an absence. */
function wordsFor(address: string, faults: readonly Fault[]): string {
  const told = faults.find(({ code }) => code !== 'peer_unreachable' && code !== 'nothing_listens') ?? faults[0];
  if (told === undefined) return `Seed node ${address} names no address to dial.`;
  return told.code.startsWith('seed_') || told.code === 'node_id_taken'
    ? told.message
    : `Seed node ${address}: ${told.message}`;
}

function normalised(address: string): string {
  return address.startsWith('/') ? address : address.toLowerCase();
}
