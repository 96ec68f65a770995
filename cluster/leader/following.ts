import type { Clock } from '../../kit/clock.ts';
import type { NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { Ballot } from './ballot.ts';
import { readHeartbeat, type Acknowledgement, type Heartbeat } from './election-messages.ts';
import { leaderFaults } from './faults.ts';
import type { KnownVoters } from './known-voters.ts';
import type { Patience } from './patience.ts';
import type { Timing } from '../timing.ts';

export interface FollowingOptions {
  readonly post: Post;
  readonly clock: Clock;
  readonly timing: Pick<Timing, 'electionMinMs'>;
  readonly ballot: Ballot;
  readonly voters: KnownVoters;
  readonly patience: Patience;
  readonly isLeading: () => boolean;
  /** This node leaves for good and wants no vote. */
  readonly isLeaving: () => boolean;
  /** There is a leader: it stands no longer itself. */
  readonly onLeader: () => void;
  /** Its term is on disk here, and acknowledged. */
  readonly onFollowed: (leader: NodeId, heartbeat: Heartbeat) => void;
}

/** Answers the leader's heartbeats, once the leader's term is on disk. */
export class Following {
  readonly #options: FollowingOptions;

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  receive(from: NodeId, body: unknown): void {
    const { ballot, voters, patience, clock, isLeading, onLeader } = this.#options;
    const message = readHeartbeat(body, ballot.term);
    if (!message.config.voters.includes(from)) throw leaderFaults.bad_election_message('A leader that is no voter.');
    if (!voters.learn(message.config, true)) return voters.tell(from);
    if (message.term < ballot.term) {
      // A newer term that the disk refused is not told; it is tried again.
      ballot.update({}, () => this.#acknowledge(from, undefined));
      return;
    }
    if (message.term === ballot.term && isLeading()) {
      throw leaderFaults.bad_election_message('A second leader in this term.');
    }
    patience.heard(message.term, clock.monotonicMs());
    onLeader();
    ballot.raise(message.term, (isDurable) => {
      if (isDurable && ballot.term === message.term) this.#followed(from, message);
    });
  }

  #followed(from: NodeId, message: Heartbeat): void {
    this.#acknowledge(from, message.sequence);
    this.#options.onFollowed(from, message);
  }

  #acknowledge(to: NodeId, sequence: number | undefined): void {
    const { post, ballot, voters, isLeaving, timing } = this.#options;
    const { term } = ballot.durable;
    const message: Acknowledgement = {
      term,
      sequence,
      config: voters.durable,
      isLeaving: isLeaving(),
      patienceMs: timing.electionMinMs,
    };
    post.send(to, 'leader/ack', message);
  }
}
