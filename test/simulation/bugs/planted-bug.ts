import type { SharedState } from '../../../cluster/gossip/contract.ts';
import type { IntentStore } from '../../../cluster/intents/contract.ts';
import type { VoteState, VoteStore } from '../../../cluster/leader/contract.ts';
import type { Membership, MembershipDesk } from '../../../cluster/membership/contract.ts';
import type { Post } from '../../../cluster/post/contract.ts';
import type { KeptQuotas, QuotaStore } from '../../../cluster/quota/contract.ts';
import type { Records, RecordStore, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { Timing } from '../../../cluster/timing.ts';
import type { Clock } from '../../../kit/clock.ts';
import type { InvariantName } from '../findings.ts';
import type { Plan } from '../plan.ts';
import type { SimProcess } from '../world/sim-process.ts';

export type PartName = 'membership' | 'gossip' | 'records' | 'election' | 'intents' | 'quotas' | 'links';

/** A mistake made on purpose, to show that the simulator would find it. Each changes what one part stands on. */
export interface PlantedBug {
  /** In words, as the command line takes it. */
  readonly name: string;
  /** Any of these is the right finding. */
  readonly finds: readonly InvariantName[];
  /** Seeds of which at least one finds it. */
  readonly seeds: readonly [from: number, to: number];
  /** Makes the worlds likelier to show it; what they are like is not the bug. */
  plan?(plan: Plan): Plan;
  clock?(part: PartName, clock: Clock, process: SimProcess): Clock;
  timing?(part: PartName, timing: Timing): Timing;
  post?(part: PartName, post: Post, process: SimProcess): Post;
  membership?(
    part: PartName,
    membership: Membership & MembershipDesk,
    process: SimProcess,
  ): Membership & MembershipDesk;
  voteStore?(store: VoteStore, process: SimProcess): VoteStore;
  intentStore?(store: IntentStore, process: SimProcess): IntentStore;
  quotaStore?(store: QuotaStore, process: SimProcess): QuotaStore;
  recordStore?(store: RecordStore): RecordStore;
  /** Who leads: `available` is the lowest id alive, whatever a majority says. */
  readonly policy?: 'available';
  /** What the disk is said to hold at a start. */
  keptVote?(vote: VoteState | undefined): VoteState | undefined;
  keptQuotas?(quotas: KeptQuotas | undefined): KeptQuotas | undefined;
  keptRecords?(records: readonly ReplicatedRecord[]): readonly ReplicatedRecord[];
  /** What a node is told that others say of themselves. */
  quotaState?(state: SharedState, process: SimProcess): SharedState;
  /** Between the records and those who write them. */
  records?(records: Records, process: SimProcess): Pick<Records, 'put' | 'remove'>;
  incarnation?(kept: number, wallMs: number): number;
  readonly appliesClearsLate?: boolean;
  readonly servesBeforeComparing?: boolean;
  readonly releasesWhenLate?: boolean;
}
