import type { Clock } from '../../../kit/clock.ts';
import type { Member, NodeId } from '../../../cluster/membership/contract.ts';
import type { Body } from '../../../cluster/post/contract.ts';
import type { CacheMesh, KeptAnswer } from '../contract.ts';
import { Entry } from '../entry.ts';
import type { ResponseCache } from '../response-cache.ts';
import { claimsPerMemberMax, peerAnswerBytesMax, waitMsMax } from './limits.ts';
import type { PeerBudget } from './peer-budget.ts';
import { RemoteRequest } from './remote-request.ts';
import { type Claim, decodeClaim, decodePass, decodePut, encodeHit, encodeTurn, kinds, noClaim } from './wire.ts';

export interface OwnerDeskParts {
  readonly mesh: CacheMesh;
  readonly cache: ResponseCache;
  readonly clock: Clock;
  readonly epoch: () => string;
  readonly budgetOf: (node: NodeId) => PeerBudget;
}

/** The answering side: members ask this node for the keys that it owns, and take part in its flights. */
export class OwnerDesk {
  readonly #parts: OwnerDeskParts;
  readonly #requests = new Map<NodeId, Map<number, RemoteRequest>>();

  constructor(parts: OwnerDeskParts) {
    this.#parts = parts;
    const { post, members } = parts.mesh;
    post.on(kinds.claim, (from, body) => this.#claimed(from, decodeClaim(body)));
    post.on(kinds.put, (from, body) => this.#put(from, body));
    post.on(kinds.pass, (from, body) => this.#passed(from, body));
    post.observe({ lost: (node) => this.#lost(node) });
    members.observe({ memberChanged: (member) => this.#memberChanged(member) });
  }

  /** Requests of members that are kept in mind. */
  get size(): number {
    let size = 0;
    for (const requests of this.#requests.values()) size += requests.size;
    return size;
  }

  stop(): void {
    for (const requests of this.#requests.values()) for (const request of requests.values()) request.end();
    this.#requests.clear();
  }

  #claimed(from: NodeId, { id, label, epoch }: Claim): void {
    const { cache } = this.#parts;
    const known = this.#requests.get(from)?.get(id);
    if (known !== undefined) this.#say(from, id, known.place?.isLeading === true ? 'go' : 'wait');
    else if (!this.#takesPart(epoch) || this.#countOf(from) >= claimsPerMemberMax) this.#say(from, id, 'no');
    else {
      const entry = cache.peek(label.key);
      if (entry !== undefined) this.#hand(from, id, entry);
      else {
        const request = new RemoteRequest(this.#parts.clock, {
          go: () => this.#say(from, id, 'go'),
          hit: (answer) => this.#served(from, id, answer, epoch),
          expired: () => this.#remove(from, id)?.place?.fail(),
        });
        this.#add(from, id, request);
        request.place = cache.joinForPeer(label, request, waitMsMax);
        if (request.place.isLeading) request.leads();
        this.#say(from, id, request.place.isLeading ? 'go' : 'wait');
      }
    }
  }

  #put(from: NodeId, body: Body): void {
    const { id, label, epoch, carried } = decodePut(body);
    const request = id === noClaim ? undefined : this.#remove(from, id);
    if (!this.#takesPart(epoch)) request?.place?.fail();
    else if (request === undefined) this.#parts.cache.take(label, carried.answer, carried.ageMs);
    else request.place?.keep(carried.answer);
  }

  #passed(from: NodeId, body: Body): void {
    const { id, isUnshared } = decodePass(body);
    const request = this.#remove(from, id);
    if (isUnshared) request?.place?.forbid();
    else request?.place?.fail();
  }

  /** After a clear the answer may be one for those alone who asked before it: the member is not given it to keep. */
  #served(from: NodeId, id: number, answer: KeptAnswer, epoch: string): void {
    this.#remove(from, id);
    if (answer instanceof Entry && this.#takesPart(epoch)) this.#hand(from, id, answer);
    else this.#say(from, id, 'no');
  }

  /** Hands an answer over, if it is not too much. */
  #hand(from: NodeId, id: number, entry: Entry): void {
    const { budgetOf, epoch, mesh } = this.#parts;
    const fits = entry.body.length <= peerAnswerBytesMax && budgetOf(from).takeBytes(entry.body.length);
    if (fits) mesh.post.send(from, kinds.turn, encodeHit(id, entry, epoch()));
    else this.#say(from, id, 'no');
  }

  /** Both sides know of the same clears, so that what is good at one is good at the other. */
  #takesPart(epoch: string): boolean {
    return this.#parts.cache.isEnabled && this.#parts.mesh.records.isCurrent() && epoch === this.#parts.epoch();
  }

  #lost(node: NodeId): void {
    const requests = this.#requests.get(node);
    if (requests === undefined) return;
    this.#requests.delete(node);
    for (const request of requests.values()) {
      request.end();
      request.place?.fail();
    }
  }

  #memberChanged({ nodeId, isSelf, state }: Member): void {
    if (!isSelf && (state === 'dead' || state === 'left')) this.#lost(nodeId);
  }

  #say(to: NodeId, id: number, word: 'go' | 'wait' | 'no'): void {
    this.#parts.mesh.post.send(to, kinds.turn, encodeTurn(id, word));
  }

  #countOf(node: NodeId): number {
    return this.#requests.get(node)?.size ?? 0;
  }

  #add(node: NodeId, id: number, request: RemoteRequest): void {
    const requests = this.#requests.get(node) ?? new Map<number, RemoteRequest>();
    this.#requests.set(node, requests);
    requests.set(id, request);
  }

  #remove(node: NodeId, id: number): RemoteRequest | undefined {
    const requests = this.#requests.get(node);
    const request = requests?.get(id);
    if (requests === undefined || request === undefined) return undefined;
    requests.delete(id);
    if (requests.size === 0) this.#requests.delete(node);
    request.end();
    return request;
  }
}
