import type { NodeId } from '../membership/contract.ts';
import type { VoterConfig } from './contract.ts';
import { majorityOf } from './voter-config.ts';

/** Heartbeats whose sending is remembered: more than are sent within any lease. An older acknowledgement counts for nothing. */
const sentMax = 64;

/** Clocks of members may run so much faster or slower than this one's before a lease outlasts a voter's patience. */
const driftShareMax = 0.9;

/** When a heartbeat was sent. */
interface Sending {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** A heartbeat that was acknowledged, and for how long the voter's word holds. */
interface Acknowledged extends Sending {
  readonly leaseMs: number;
}

/**
 * For how long the leader may act. Each voter that acknowledged a heartbeat refuses to elect anyone for its own
 * `electionMinMs` after it received it, so for longer than the lease that it gives after it was sent. All arithmetic on the leader's
 * monotonic clock: one that stood still wakes up with its lease gone. Only where the wall clock went further than the
 * monotonic one, which does not count the sleep of a suspended machine, is the lease shortened by the difference.
 */
export class HeartbeatLease {
  readonly leaseMs: number;
  readonly #self: NodeId;
  readonly #sent = new Map<number, Sending>();
  readonly #acknowledged = new Map<NodeId, Acknowledged>();
  #sequence = 0;

  constructor(self: NodeId, timing: { readonly leaseMs: number; readonly electionMinMs: number }) {
    this.#self = self;
    this.leaseMs = Math.min(timing.leaseMs, timing.electionMinMs * driftShareMax);
  }

  /** Number of a heartbeat that is sent now. */
  send(monotonicMs: number, wallMs: number): number {
    this.#sequence++;
    this.#sent.set(this.#sequence, { monotonicMs, wallMs });
    this.#sent.delete(this.#sequence - sentMax);
    return this.#sequence;
  }

  /** `patienceMs`: for how long the voter elects nobody; less than here where its settings call the network nearer. */
  acknowledge(node: NodeId, sequence: number, patienceMs = Infinity): void {
    const sending = this.#sent.get(sequence);
    if (sending === undefined) return;
    const known = this.#acknowledged.get(node);
    if (known !== undefined && known.monotonicMs > sending.monotonicMs) return;
    this.#acknowledged.set(node, { ...sending, leaseMs: Math.min(this.leaseMs, patienceMs * driftShareMax) });
  }

  /** When the newest heartbeat that the node acknowledged was sent; undefined before the first. */
  acknowledgedMs(node: NodeId): number | undefined {
    return this.#acknowledged.get(node)?.monotonicMs;
  }

  forget(node: NodeId): void {
    this.#acknowledged.delete(node);
  }

  /** Milliseconds that are left, 0 without a majority. Without a wall time the monotonic clock alone is asked. */
  leftMs(config: VoterConfig, nowMs: number, wallMs?: number): number {
    const left = config.voters.map((voter) => this.#leftOf(voter, nowMs, wallMs)).toSorted((one, other) => other - one);
    return Math.max(0, left[majorityOf(config.voters.length) - 1] ?? 0);
  }

  #leftOf(voter: NodeId, nowMs: number, wallMs: number | undefined): number {
    if (voter === this.#self) return this.leaseMs;
    const acknowledged = this.#acknowledged.get(voter);
    if (acknowledged === undefined) return 0;
    const passedMs = nowMs - acknowledged.monotonicMs;
    const sleptMs = wallMs === undefined ? 0 : Math.max(0, wallMs - acknowledged.wallMs - passedMs);
    return acknowledged.leaseMs - passedMs - sleptMs;
  }
}
