import { backoffCeilingMs } from '../../kit/backoff.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Random } from '../../kit/random.ts';
import type { Member, MemberFacts, Membership, MembershipDesk, NodeId } from '../membership/contract.ts';
import type { Post } from '../post/contract.ts';
import type { Timing } from '../timing.ts';
import type { Transport } from '../transport/contract.ts';

/** Dials under way; the others wait a little. */
const dialsMax = 16;
/**
 * Members that died, and that membership has dropped, are still tried for an hour: a network that was cut for longer
 * than the dead are kept must find itself again without a seed on the other side.
 */
const lostKeepMs = 3_600_000;
const lostMax = 64;
/** A connection that held so long was sound: the next loss of it begins with the shortest delay again. */
const soundMs = 10_000;

export interface RedialsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
  readonly transport: Transport;
  readonly post: Post;
  readonly membership: Membership & Pick<MembershipDesk, 'refused'>;
}

interface Redial {
  facts: MemberFacts;
  /** Where the last dial of ours that succeeded found it. */
  foundAt: string | undefined;
  attempt: number;
  isDialling: boolean;
  reachedMs: number | undefined;
  /** Set once membership has dropped it. */
  giveUpMs: number | undefined;
  timer: Timer | undefined;
  /** Monotonic ms at which the timer fires. */
  dueMs: number;
}

/**
 * Keeps a connection to every member. The lower peer id dials, the higher steps in later, so that two do not dial each
 * other at once; only a newcomer dials everyone, who wait for it. A suspect is dialled before it can be declared dead,
 * however often its connection broke: over none, a dial is the only question that it can answer.
 */
export class Redials {
  readonly #options: RedialsOptions;
  readonly #redials = new Map<NodeId, Redial>();
  #dialling = 0;
  #isRunning = false;

  constructor(options: RedialsOptions) {
    this.#options = options;
    options.membership.observe({ memberChanged: (member, before) => this.#changed(member, before) });
    options.post.observe({ reached: (node) => this.#reached(node), lost: (node) => this.#lost(node) });
  }

  start(): void {
    this.#isRunning = true;
    for (const member of this.#options.membership.all) this.#changed(member, undefined);
  }

  stop(): void {
    this.#isRunning = false;
    for (const { timer } of this.#redials.values()) timer?.cancel();
    this.#redials.clear();
  }

  /** A member has just told who is there: everyone is dialled now. */
  dialAll(): void {
    for (const { nodeId } of this.#options.membership.live) {
      const redial = this.#redials.get(nodeId);
      if (redial !== undefined) this.#schedule(nodeId, redial, 0);
    }
  }

  #changed(member: Member, before: Member['state'] | undefined): void {
    if (!this.#isRunning || member.isSelf) return;
    if (member.state === 'left') {
      this.#forget(member.nodeId);
      return;
    }
    const isBack = member.state === 'alive' && (before === undefined || before === 'dead' || before === 'left');
    const redial = this.#redialOf(member);
    if (isBack && !this.#options.post.isReachable(member.nodeId)) {
      redial.attempt = 0;
      this.#schedule(member.nodeId, redial, this.#newcomerDelayMs(member));
    } else if (member.state === 'suspect') this.#hurry(member.nodeId, redial);
  }

  /** Within the shortest time that a suspicion lasts; the higher peer id again after the lower. */
  #hurry(node: NodeId, redial: Redial): void {
    const { clock, post, random, timing, transport } = this.#options;
    if (post.isReachable(node)) return;
    const share = (transport.self < redial.facts.peer ? 0 : 0.5) + 0.25 * random.next();
    const delayMs = share * timing.suspicionMinMs;
    const isSooner = redial.timer === undefined || clock.monotonicMs() + delayMs < redial.dueMs;
    if (isSooner) this.#schedule(node, redial, delayMs);
  }

  #redialOf(member: Member): Redial {
    const known = this.#redials.get(member.nodeId);
    if (known !== undefined) {
      Object.assign(known, { facts: member, giveUpMs: undefined });
      return known;
    }
    const redial: Redial = {
      facts: member,
      foundAt: undefined,
      attempt: 0,
      isDialling: false,
      reachedMs: undefined,
      giveUpMs: undefined,
      timer: undefined,
      dueMs: 0,
    };
    this.#redials.set(member.nodeId, redial);
    return redial;
  }

  #reached(node: NodeId): void {
    const redial = this.#redials.get(node);
    if (redial === undefined) return;
    redial.timer?.cancel();
    redial.timer = undefined;
    redial.reachedMs = this.#options.clock.monotonicMs();
  }

  #lost(node: NodeId): void {
    const redial = this.#redials.get(node);
    if (redial === undefined) return;
    const { clock, membership, random, timing, transport } = this.#options;
    const heldMs = redial.reachedMs === undefined ? 0 : clock.monotonicMs() - redial.reachedMs;
    redial.attempt = heldMs >= soundMs ? 0 : redial.attempt + 1;
    const isOurs = transport.self < redial.facts.peer;
    const patienceMs = isOurs ? 0 : timing.redialPatienceMs;
    this.#schedule(node, redial, patienceMs + (0.5 + random.next()) * this.#backoffMs(redial.attempt));
    if (membership.get(node)?.state === 'suspect') this.#hurry(node, redial);
  }

  /** It dials us; should that fail, the lower peer id is the first to step in. */
  #newcomerDelayMs({ peer }: MemberFacts): number {
    const { random, timing, transport } = this.#options;
    return timing.redialPatienceMs * (transport.self < peer ? 1 : 1.5) + random.next() * timing.redialMinMs;
  }

  #schedule(node: NodeId, redial: Redial, delayMs: number): void {
    if (!this.#isRunning) return;
    const { clock } = this.#options;
    redial.timer?.cancel();
    redial.dueMs = clock.monotonicMs() + delayMs;
    redial.timer = clock.after(delayMs, () => this.#try(node, redial));
  }

  #try(node: NodeId, redial: Redial): void {
    const { clock, membership, post, timing, transport } = this.#options;
    redial.timer = undefined;
    if (post.isReachable(node) || redial.isDialling) return;
    const member = membership.get(node);
    if (member !== undefined) redial.facts = member;
    else if (!this.#mayKeep(redial, clock.monotonicMs())) {
      this.#forget(node);
      return;
    }
    // Connected, but not introduced yet, or refused: nothing that a dial could mend.
    if (transport.isOpen(redial.facts.peer)) this.#schedule(node, redial, timing.redialPatienceMs);
    else if (this.#dialling >= dialsMax) this.#schedule(node, redial, timing.redialMinMs);
    else this.#dial(node, redial, [...redial.facts.meshAddresses], []);
  }

  #mayKeep(redial: Redial, nowMs: number): boolean {
    if (redial.giveUpMs !== undefined) return nowMs < redial.giveUpMs;
    let lostCount = 0;
    for (const { giveUpMs } of this.#redials.values()) if (giveUpMs !== undefined) lostCount++;
    redial.giveUpMs = nowMs + lostKeepMs;
    return lostCount < lostMax;
  }

  #dial(node: NodeId, redial: Redial, addresses: string[], refusedAt: string[]): void {
    const address = addresses.shift();
    if (address === undefined) {
      if (this.#isGone(redial, refusedAt)) this.#options.membership.refused(node, redial.facts.peer);
      this.#failed(node, redial);
      return;
    }
    redial.isDialling = true;
    this.#dialling++;
    this.#options.transport.dial(address, (result) => {
      this.#dialling--;
      redial.isDialling = false;
      if (!this.#isRunning || this.#redials.get(node) !== redial) return;
      if (isFault(result)) {
        const refused = result.code === 'nothing_listens' ? [...refusedAt, address] : refusedAt;
        this.#dial(node, redial, addresses, refused);
        return;
      }
      redial.foundAt = address;
      this.#schedule(node, redial, this.#options.timing.redialPatienceMs);
    });
  }

  /**
   * Whether the refusals say that its process is gone. A firewall refuses as well, and a private address may be another
   * host's: so all its addresses must, and one of them have led to it before, or every member be on this machine.
   */
  #isGone({ facts, foundAt }: Redial, refusedAt: readonly string[]): boolean {
    if (refusedAt.length === 0 || refusedAt.length < facts.meshAddresses.length) return false;
    const own = this.#options.transport.addresses();
    const isOneMachine = own.length > 0 && own.every(isLoopback) && refusedAt.every(isLoopback);
    return isOneMachine || (foundAt !== undefined && refusedAt.includes(foundAt));
  }

  #failed(node: NodeId, redial: Redial): void {
    redial.attempt++;
    const delayMs = redial.giveUpMs === undefined ? this.#backoffMs(redial.attempt) : this.#options.timing.redialMaxMs;
    this.#schedule(node, redial, delayMs * (0.5 + this.#options.random.next()));
  }

  #backoffMs(attempt: number): number {
    const { redialMinMs, redialMaxMs } = this.#options.timing;
    return backoffCeilingMs(attempt, { baseMs: redialMinMs, capMs: redialMaxMs });
  }

  #forget(node: NodeId): void {
    this.#redials.get(node)?.timer?.cancel();
    this.#redials.delete(node);
  }
}

function isLoopback(address: string): boolean {
  return /^\/ip4\/127\.|^\/ip6\/::1\//.test(address);
}
