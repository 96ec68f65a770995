import type { NodeId } from '../membership/contract.ts';
import type { VoterConfig } from './contract.ts';
import { majorityOf } from './voter-config.ts';

/** Heartbeats whose sending is remembered: more than are sent within any lease. An older acknowledgement counts for nothing. */
const sentMax = 64;

/** Clocks of members may run so much faster or slower than this one's before a lease outlasts a voter's patience. */
const driftShareMax = 0.9;

/**
 * For how long the leader may act. Each voter that acknowledged a heartbeat refuses to elect anyone for
 * `electionMinMs` after it received it, so for longer than `leaseMs` after it was sent. All arithmetic on the leader's
 * monotonic clock: one that stood still wakes up with its lease gone.
 */
export class HeartbeatLease {
  readonly leaseMs: number;
  readonly #self: NodeId;
  readonly #sentAt = new Map<number, number>();
  readonly #acknowledged = new Map<NodeId, number>();
  #sequence = 0;

  constructor(self: NodeId, timing: { readonly leaseMs: number; readonly electionMinMs: number }) {
    this.#self = self;
    this.leaseMs = Math.min(timing.leaseMs, timing.electionMinMs * driftShareMax);
  }

  /** Number of a heartbeat that is sent now. */
  send(nowMs: number): number {
    this.#sequence++;
    this.#sentAt.set(this.#sequence, nowMs);
    this.#sentAt.delete(this.#sequence - sentMax);
    return this.#sequence;
  }

  acknowledge(node: NodeId, sequence: number): void {
    const sentAt = this.#sentAt.get(sequence);
    if (sentAt === undefined) return;
    this.#acknowledged.set(node, Math.max(sentAt, this.#acknowledged.get(node) ?? sentAt));
  }

  /** When the newest heartbeat that the node acknowledged was sent; undefined before the first. */
  acknowledgedMs(node: NodeId): number | undefined {
    return this.#acknowledged.get(node);
  }

  forget(node: NodeId): void {
    this.#acknowledged.delete(node);
  }

  /** Milliseconds that are left, 0 without a majority. */
  leftMs(config: VoterConfig, nowMs: number): number {
    const times = config.voters
      .map((voter) => (voter === this.#self ? nowMs : this.#acknowledged.get(voter)))
      .filter((time) => time !== undefined)
      .toSorted((one, other) => other - one);
    const since = times[majorityOf(config.voters.length) - 1];
    return since === undefined ? 0 : Math.max(0, since + this.leaseMs - nowMs);
  }
}
