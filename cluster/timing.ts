/** How far members are from each other; decides how fast a silent one is doubted. */
export type Network = 'loopback' | 'lan' | 'wan';

/**
 * Every timer of the mesh, milliseconds. What a shorter one buys is speed, what it costs is false alarms and CPU: each
 * member sends one probe a `probePeriodMs`, and a probe not answered within `probeTimeoutMs` starts a suspicion of
 * `suspicionMinMs` (with `confirmationsWanted` others agreeing) to `suspicionMaxMs` (with none), stretched by local
 * awareness. Detection takes at most members x probePeriod + probeTimeout + suspicionMax, and usually
 * probePeriod + probeTimeout + suspicionMin; a broken connection skips the wait for the probe.
 */
export interface Timing {
  readonly probePeriodMs: number;
  readonly probeTimeoutMs: number;
  /** After `probeTimeoutMs` this many others probe for it, for as long again. */
  readonly indirectProbes: number;
  readonly suspicionMinMs: number;
  readonly suspicionMaxMs: number;
  readonly confirmationsWanted: number;
  /** Dead and left members are kept so long against stale gossip, and their keys so long for those who come back. */
  readonly deadKeepMs: number;
  /** Members are pushed to directly up to this many; above, each push goes to `fanout` of them, who pass it on. */
  readonly directMembersMax: number;
  readonly fanout: number;
  /** Own-state changes wait so long for company. */
  readonly coalesceMs: number;
  /** One random member is compared digests with this often. */
  readonly antiEntropyMs: number;
  /** Election: the leader is heard from this often … */
  readonly heartbeatMs: number;
  /** … holds its lease so long after the sending of a heartbeat that a majority acknowledged … */
  readonly leaseMs: number;
  /** … and is followed by an election after so long a silence. Greater than `leaseMs` with room for drifting clocks. */
  readonly electionMinMs: number;
  readonly electionMaxMs: number;
  /** A voter that left keeps its seat so long (rolling restarts), a dead one this much longer. */
  readonly leftVoterKeepMs: number;
  readonly deadVoterKeepMs: number;
  /** After an intent's budget has passed without outcome, others wait so long more before they try. */
  readonly doubtMs: number;
  /** Redials of a lost member begin here and double to the maximum. */
  readonly redialMinMs: number;
  readonly redialMaxMs: number;
  /** The higher peer id waits so long for the lower one to dial. */
  readonly redialPatienceMs: number;
  /** Seeds that are not connected are tried again this often. */
  readonly seedPeriodMs: number;
  /** Without any frame for so long a connection is given up. */
  readonly silenceMs: number;
  /** A record from further ahead than this is refused. */
  readonly clockSkewMaxMs: number;
}

const lan: Timing = {
  probePeriodMs: 500,
  probeTimeoutMs: 300,
  indirectProbes: 3,
  suspicionMinMs: 800,
  suspicionMaxMs: 2400,
  confirmationsWanted: 2,
  deadKeepMs: 30_000,
  directMembersMax: 32,
  fanout: 4,
  coalesceMs: 50,
  antiEntropyMs: 1000,
  heartbeatMs: 200,
  leaseMs: 1500,
  electionMinMs: 2000,
  electionMaxMs: 3000,
  leftVoterKeepMs: 300_000,
  deadVoterKeepMs: 3_600_000,
  doubtMs: 30_000,
  redialMinMs: 200,
  redialMaxMs: 30_000,
  redialPatienceMs: 1500,
  seedPeriodMs: 5000,
  silenceMs: 8000,
  clockSkewMaxMs: 10_000,
};

export const timings: Readonly<Record<Network, Timing>> = {
  loopback: {
    ...lan,
    probePeriodMs: 200,
    probeTimeoutMs: 250,
    suspicionMinMs: 600,
    suspicionMaxMs: 1800,
    coalesceMs: 20,
  },
  lan,
  // Round trips up to 300 ms: everything waits three to four times as long, and a dead node is noticed in about 5 s.
  wan: {
    ...lan,
    probePeriodMs: 1000,
    probeTimeoutMs: 1000,
    suspicionMinMs: 2500,
    suspicionMaxMs: 7500,
    heartbeatMs: 500,
    leaseMs: 3000,
    electionMinMs: 4000,
    electionMaxMs: 6000,
  },
};
