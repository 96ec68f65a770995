import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';

/** One lease holder at any instant of true time, one leader a term, and terms that only rise. */
export class Leases {
  readonly #world: World;
  readonly #leaderOfTerm = new Map<number, number>();
  /** The last term of each host at which something of it was seen by others: what a restart must not fall behind. */
  readonly #terms = new Map<SimProcess, number>();
  readonly #ledTerms = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  watch(process: SimProcess): void {
    const { election } = process.parts;
    election.observe({
      leaderChanged: (leader, term) => process.note(() => `leader is ${leader ?? 'nobody'} in term ${term}`),
    });
  }

  /** After each turn of a process: only its own lease can have begun. */
  check(process: SimProcess): void {
    const { election } = process.parts;
    this.#checkTerm(process, election.term);
    if (!election.isSelf || election.leaseLeftMs() <= 0) return;
    this.#checkLeader(process, election.term);
    for (const { process: other } of this.#world.hosts) {
      if (other === undefined || other === process || other.isEnded) continue;
      const leftMs = other.parts.election.leaseLeftMs();
      if (leftMs <= 0) continue;
      this.#world.fail(
        'one lease holder',
        `${process.nodeId} (term ${election.term}) and ${other.nodeId} (term ${other.parts.election.term}, ${leftMs.toFixed(1)} ms left)`,
      );
    }
  }

  #checkTerm(process: SimProcess, term: number): void {
    const before = this.#terms.get(process);
    if (before === term) return;
    if (before !== undefined && term < before) {
      this.#world.fail('terms only rise', `${process.nodeId} fell from term ${before} to ${term}`);
    }
    const led = this.#ledTerms.get(process.host.peer) ?? 0;
    if (before === undefined && term < led) {
      this.#world.fail('terms only rise', `${process.nodeId} led term ${led} and began again with ${term}`);
    }
    this.#terms.set(process, term);
  }

  #checkLeader(process: SimProcess, term: number): void {
    const leader = this.#leaderOfTerm.get(term);
    if (leader === process.serial) return;
    if (leader !== undefined) {
      this.#world.fail('one leader a term', `${process.nodeId} leads term ${term}, which process ${leader} led`);
    }
    this.#leaderOfTerm.set(term, process.serial);
    this.#ledTerms.set(process.host.peer, term);
    this.#world.counts.leaderships++;
  }
}
