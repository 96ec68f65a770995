import type { Clock } from '../../../kit/clock.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { Body } from '../../../cluster/post/contract.ts';
import type { CacheMesh } from '../contract.ts';
import type { Entry } from '../entry.ts';
import type { Flight } from '../flight.ts';
import type { ResponseCache } from '../response-cache.ts';
import { Claim } from './claim.ts';
import { askAgainMs, askTimeoutMs, peerAnswerBytesMax } from './limits.ts';
import { PeerBudget } from './peer-budget.ts';
import { decodeTurn, encodeClaim, encodePass, encodePut, kinds, noClaim } from './wire.ts';

export interface OwnerLineParts {
  readonly mesh: CacheMesh;
  readonly cache: ResponseCache;
  readonly clock: Clock;
  readonly epoch: () => string;
  readonly budgetOf: (node: NodeId) => PeerBudget;
}

/**
 * The asking side: before a flight of this node asks the upstream, it asks the owner of its key.
 *
 *     claim ─► hit: all who wait are served         go: one of them asks the upstream, then put or pass
 *              wait: somebody else asks already     no, or nothing in 20 ms: as go, without being waited for
 */
export class OwnerLine {
  readonly #parts: OwnerLineParts;
  readonly #byId = new Map<number, Claim>();
  readonly #byFlight = new Map<Flight, Claim>();
  #count = 0;

  constructor(parts: OwnerLineParts) {
    this.#parts = parts;
    const { post } = parts.mesh;
    post.on(kinds.turn, (from, body) => this.#turned(from, body));
    post.observe({ lost: (node) => this.#lost(node) });
  }

  /** Claims under way. */
  get size(): number {
    return this.#byId.size;
  }

  /** Asks the owner; false when there is nobody to ask. */
  ask(flight: Flight): boolean {
    const owner = this.#ownerOf(flight);
    if (owner === undefined || !this.#parts.budgetOf(owner).takeClaim()) return false;
    const claim = new Claim(this.#count++, owner, flight);
    if (!this.#send(claim)) return false;
    this.#byId.set(claim.id, claim);
    this.#byFlight.set(flight, claim);
    claim.timer = this.#parts.clock.after(askTimeoutMs, () => this.#late(claim));
    return true;
  }

  /** An answer was kept: its owner gets it, for whoever asks there. */
  tell(flight: Flight, entry: Entry): void {
    const claim = this.#byFlight.get(flight);
    const owner = claim?.owner ?? (flight.isAlone ? this.#ownerOf(flight) : undefined);
    if (owner === undefined || entry.body.length > peerAnswerBytesMax) return;
    if (!this.#parts.budgetOf(owner).takeBytes(entry.body.length)) return;
    const put = encodePut(claim?.id ?? noClaim, entry, this.#parts.epoch());
    if (this.#parts.mesh.post.send(owner, kinds.put, put) && claim !== undefined) this.#forget(claim);
  }

  /** Nobody here waits any more. The owner need not wait either. */
  ended(flight: Flight, isAnswered: boolean): void {
    const claim = this.#byFlight.get(flight);
    if (claim === undefined) return;
    this.#forget(claim);
    this.#parts.mesh.post.send(claim.owner, kinds.pass, encodePass({ id: claim.id, isUnshared: isAnswered }));
  }

  stop(): void {
    for (const claim of this.#byId.values()) claim.timer?.cancel();
    this.#byId.clear();
    this.#byFlight.clear();
  }

  #ownerOf(flight: Flight): NodeId | undefined {
    const { members, records, ring, post, self } = this.#parts.mesh;
    if (members.live.length < 2 || !records.isCurrent()) return undefined;
    const owner = ring.owner(flight.label.key);
    return owner !== self && post.isReachable(owner) ? owner : undefined;
  }

  #send({ id, owner, flight }: Claim): boolean {
    const body: Body = encodeClaim({ id, label: flight.label, epoch: this.#parts.epoch() });
    return this.#parts.mesh.post.send(owner, kinds.claim, body);
  }

  #turned(from: NodeId, body: Body): void {
    const turn = decodeTurn(body);
    const claim = this.#byId.get(turn.id);
    if (claim?.owner !== from) {
      // Nobody waits here any more, but the owner believes that this node asks the upstream.
      if (turn.word === 'go') {
        this.#parts.mesh.post.send(from, kinds.pass, encodePass({ id: turn.id, isUnshared: false }));
      }
      return;
    }
    if (!claim.isAnswered) this.#parts.budgetOf(from).answered();
    claim.isAnswered = true;
    if (turn.word === 'wait') this.#wait(claim);
    else if (turn.word !== 'hit') claim.takeOff();
    else if (turn.epoch !== this.#parts.epoch() || !this.#parts.mesh.records.isCurrent()) claim.takeOff();
    else {
      this.#forget(claim);
      const { key } = claim.flight.label;
      const entry = this.#parts.cache.take({ ...turn.label, key }, turn.carried.answer, turn.carried.ageMs);
      claim.flight.serve(entry, 'peer');
    }
  }

  #wait(claim: Claim): void {
    if (claim.isOff) return;
    claim.timer?.cancel();
    claim.timer = this.#parts.clock.after(askAgainMs, () => this.#askAgain(claim));
  }

  #askAgain(claim: Claim): void {
    claim.isAnswered = false;
    if (!this.#send(claim)) claim.takeOff();
    else claim.timer = this.#parts.clock.after(askAgainMs, () => this.#unanswered(claim));
  }

  /** A busy node's timers come before what lies in its sockets: one more turn, in which an answer that is there is read. */
  #late(claim: Claim): void {
    claim.timer = this.#parts.clock.after(0, () => this.#unanswered(claim));
  }

  #unanswered(claim: Claim): void {
    this.#parts.budgetOf(claim.owner).missed();
    claim.takeOff();
  }

  #lost(node: NodeId): void {
    const asked = [...this.#byId.values()].filter(({ owner }) => owner === node);
    for (const claim of asked) claim.takeOff();
  }

  #forget(claim: Claim): void {
    claim.timer?.cancel();
    claim.timer = undefined;
    this.#byId.delete(claim.id);
    this.#byFlight.delete(claim.flight);
  }
}
