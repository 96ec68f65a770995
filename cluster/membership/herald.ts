import type { Random } from '../../kit/random.ts';
import type { Post } from '../post/contract.ts';
import type { Timing } from '../timing.ts';
import { encodeClaim, type Claim } from './claim.ts';
import type { NodeId } from './contract.ts';
import type { Entry, Roster } from './roster.ts';
import { Rumours } from './rumours.ts';
import { shuffled } from './shuffled.ts';

export const newsKind = 'swim.news';

export interface HeraldOptions {
  readonly post: Post;
  readonly roster: Roster;
  readonly random: Random;
  readonly timing: Timing;
}

/**
 * Tells the others: to all that can be reached while the mesh is small, else to a few who pass it on. What the push does
 * not reach, probes and their answers carry along.
 */
export class Herald {
  readonly #options: HeraldOptions;
  readonly #rumours = new Rumours();

  constructor(options: HeraldOptions) {
    this.#options = options;
  }

  /** News that this node makes. */
  announce(claim: Claim): void {
    const { post, roster } = this.#options;
    this.#rumours.add(claim.facts.nodeId, roster.live.length);
    if (this.#isSmall()) post.broadcast(newsKind, bodyOf([claim]));
    else this.#pushToSome([claim]);
  }

  /** News that came from another, who has told those that it could. */
  passOn(claims: readonly Claim[]): void {
    if (claims.length === 0) return;
    for (const { facts } of claims) this.#rumours.add(facts.nodeId, this.#options.roster.live.length);
    if (!this.#isSmall()) this.#pushToSome(claims);
  }

  /** Tells one member what is said of it, so that it can refute. */
  accuse(entry: Entry): void {
    this.#options.post.send(entry.nodeId, newsKind, bodyOf([claimOf(entry)]));
  }

  /** What goes along with a probe of, or an answer to, a member: also its own standing when that is not the best. */
  riders(to: NodeId): unknown[] {
    const { roster } = this.#options;
    const names = new Set(this.#rumours.take());
    const entry = roster.get(to);
    if (entry !== undefined && entry.state !== 'alive') names.add(to);
    return [...names].flatMap((name) => {
      const known = roster.get(name);
      return known === undefined ? [] : [encodeClaim(claimOf(known))];
    });
  }

  #isSmall(): boolean {
    return this.#options.roster.live.length <= this.#options.timing.directMembersMax;
  }

  #pushToSome(claims: readonly Claim[]): void {
    const { post, random, timing } = this.#options;
    const some = shuffled(post.reachable(), random).slice(0, timing.fanout);
    for (const node of some) post.send(node, newsKind, bodyOf(claims));
  }
}

export function claimOf(entry: Entry): Claim {
  return { facts: entry, state: entry.state, by: entry.by };
}

function bodyOf(claims: readonly Claim[]): unknown {
  return { c: claims.map(encodeClaim) };
}
