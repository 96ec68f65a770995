import type { Log } from '../../kit/log.ts';
import { believedWallMs, saidByItselfMs } from '../membership/believed-wall.ts';
import type { MemberFacts, Membership, MembershipDesk } from '../membership/contract.ts';
import type { PeerPost } from '../post/peer-post.ts';
import { postFaults } from '../post/faults.ts';
import type { PeerId, Transport } from '../transport/contract.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Connection, Connections } from './connections.ts';
import type { Proof } from './contract.ts';
import {
  decodeHello,
  decodeRefusal,
  encodeHello,
  encodeRefusal,
  protocolIn,
  protocolRange,
  type Hello,
} from './hello.ts';
import type { OwnName } from './own-name.ts';
import type { Grievances } from './grievances.ts';

const helloKind = 'link.hello';
const welcomeKind = 'link.welcome';
const refusedKind = 'link.refused';

/** A hello that was not answered is said again: frames may be lost around a reconnect. */
const repeatMs = 1000;
/** A welcome carries the whole table, so one peer gets no more than four a second. */
const answerPeriodMs = 250;

export interface IntroductionsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: Transport;
  readonly post: PeerPost;
  readonly membership: Membership & MembershipDesk;
  readonly self: () => MemberFacts;
  readonly isJoined: () => boolean;
  readonly proof: Proof;
  readonly connections: Connections;
  readonly ownName: OwnName;
  readonly grievances: Grievances;
  /** A member let this node in and told it the members. */
  readonly onWelcome: (peer: PeerId) => void;
}

/**
 * Both sides of a connection say hello: who they are, and a proof that they know the secret. Post flows from a peer only
 * after its hello was in order. It is answered by the table of members, or by a refusal.
 */
export class Introductions {
  readonly #options: IntroductionsOptions;
  /** When each bound node started: a later start behind the same peer is another process. */
  readonly #startedMs = new Map<PeerId, number>();

  constructor(options: IntroductionsOptions) {
    this.#options = options;
    options.post.onPeer(helloKind, (peer, body) => this.#onHello(peer, body));
    options.post.onPeer(welcomeKind, (peer, body) => this.#onWelcome(peer, body));
    options.post.onPeer(refusedKind, (peer, body) => this.#onRefused(peer, body));
  }

  opened(connection: Connection): void {
    this.#sayHello(connection);
    this.#repeat(connection);
  }

  closed(peer: PeerId): void {
    this.#startedMs.delete(peer);
  }

  #repeat(connection: Connection): void {
    connection.timer = this.#options.clock.after(repeatMs, () => {
      if (connection.hasIntroduced && connection.hasWelcomed) return;
      this.#sayHello(connection);
      this.#repeat(connection);
    });
  }

  #sayHello({ peer, hasIntroduced }: Connection): void {
    const { transport, post, membership, proof, self, isJoined } = this.#options;
    const hello: Hello = {
      protocol: protocolRange,
      facts: self(),
      proof: proof.make(transport.self, peer),
      isJoined: isJoined(),
      hasYours: hasIntroduced,
      digest: membership.digest,
    };
    post.sendToPeer(peer, helloKind, encodeHello(hello));
  }

  #onHello(peer: PeerId, body: unknown): void {
    const connection = this.#options.connections.get(peer);
    if (connection === undefined) return;
    const protocol = protocolIn(body);
    if (protocol.min > protocolRange.max || protocol.max < protocolRange.min) {
      this.#turnAway(peer, wrongProtocol(protocol.min, protocol.max));
      return;
    }
    const hello = decodeHello(body);
    const objection = this.#objectionTo(peer, hello);
    if (objection === undefined) this.#receive(connection, hello);
    else this.#turnAway(peer, objection);
  }

  #objectionTo(peer: PeerId, { facts, proof }: Hello): string | undefined {
    const { clock, transport, membership } = this.#options;
    if (facts.peer !== peer) return `${facts.nodeId} at ${facts.address} introduces itself as another peer than it is.`;
    if (!this.#options.proof.check(peer, transport.self, proof)) {
      return `${facts.nodeId} at ${facts.address} does not know the cluster secret.`;
    }
    if (facts.incarnation > believedWallMs(clock.nowMs(), membership.self.incarnation) + saidByItselfMs) {
      return `The clock of ${facts.nodeId} at ${facts.address} is days ahead of this node's. Set the clocks.`;
    }
    return undefined;
  }

  #receive(connection: Connection, hello: Hello): void {
    const { clock, self, ownName } = this.#options;
    const isRepeated = this.#startedMs.get(connection.peer) === hello.facts.startedAtMs;
    if (isRepeated && clock.monotonicMs() - connection.answeredMs < answerPeriodMs) return;
    connection.answeredMs = clock.monotonicMs();
    if (hello.facts.nodeId !== self().nodeId) this.#decide(connection, hello);
    else if (ownName.isOursAgainst(hello.facts, hello.isJoined)) this.#refuse(connection.peer, self(), true);
  }

  #decide(connection: Connection, hello: Hello): void {
    const { post, membership } = this.#options;
    const { peer } = connection;
    const { facts } = hello;
    const answer = membership.introduced(facts);
    if (answer === 'mesh_full') {
      this.#turnAway(peer, `${facts.nodeId} at ${facts.address} cannot join: the mesh has as many members as it may.`);
      return;
    }
    if (answer !== 'welcome') {
      post.unbind(peer, 'Its name is taken.');
      this.#refuse(peer, membership.get(facts.nodeId) ?? facts, answer === 'node_id_taken');
      return;
    }
    this.#bind(connection, facts);
    post.sendToPeer(peer, welcomeKind, membership.table(hello.digest));
    if (!hello.hasYours) this.#sayHello(connection);
  }

  #bind(connection: Connection, { nodeId, startedAtMs }: MemberFacts): void {
    const { post, membership, grievances } = this.#options;
    const { peer } = connection;
    const earlierMs = this.#startedMs.get(peer);
    if (earlierMs !== undefined && earlierMs !== startedAtMs) post.unbind(peer, 'It was started anew.');
    this.#startedMs.set(peer, startedAtMs);
    connection.hasIntroduced = true;
    grievances.settled(peer);
    membership.heard(nodeId);
    post.bind(peer, nodeId);
  }

  #refuse(peer: PeerId, holder: MemberFacts, isSure: boolean): void {
    this.#options.post.sendToPeer(peer, refusedKind, encodeRefusal({ holder, isSure }));
  }

  #onWelcome(peer: PeerId, body: unknown): void {
    const { connections, post, membership, ownName, onWelcome } = this.#options;
    const connection = connections.get(peer);
    const node = post.nodeOf(peer);
    // Its hello was lost; it says it again since ours will ask for it, and welcomes again.
    if (connection === undefined || node === undefined) return;
    membership.learned(node, body);
    connection.hasWelcomed = true;
    ownName.welcomed();
    onWelcome(peer);
  }

  #onRefused(peer: PeerId, body: unknown): void {
    const refusal = decodeRefusal(body);
    if (refusal === undefined) return;
    if (refusal.holder.nodeId !== this.#options.self().nodeId) {
      throw postFaults.peer_message_malformed('The refusal is about another name.');
    }
    if (this.#options.connections.get(peer) !== undefined) this.#options.ownName.refused(refusal);
  }

  #turnAway(peer: PeerId, reason: string): void {
    this.#options.grievances.raise(peer, reason);
    this.#options.transport.close(peer, reason);
  }
}

function wrongProtocol(min: number, max: number): string {
  const { min: ownMin, max: ownMax } = protocolRange;
  return (
    `A node speaks versions ${min} to ${max} of the mesh's protocol, this one ${ownMin} to ${ownMax}. ` +
    `Upgrade ${max < ownMin ? 'the other' : 'this'} node.`
  );
}
