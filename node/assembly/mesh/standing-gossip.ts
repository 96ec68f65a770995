import type { SharedState, StateEntry } from '../../../cluster/gossip/contract.ts';
import type { Membership, NodeId } from '../../../cluster/membership/contract.ts';
import type { Clock, Timer } from '../../../kit/clock.ts';
import { LruMap } from '../../../kit/lru-map.ts';
import type { Accounts } from '../../accounts/directory.ts';
import type { AccountObserver, StandingNotice } from '../../accounts/observer.ts';
import type { RemoteStanding, RemoteStandings } from '../../accounts/remote-standing.ts';
import { HeardTimes } from './heard-times.ts';
import { breakerPrefix, readStandingKey, restPrefix, standingKey } from './keys.ts';
import { readBreakerWord, readRestWord, type BreakerWord, type RestWord } from './standing-words.ts';

/** A verdict is kept this long for members that hear it late; by then anti-entropy has reached everyone. */
const closedKeepMs = 60_000;

/** Openings that are remembered with who told of them; an outage of more accounts is the world's. */
const believedMax = 20_000;

export interface StandingGossipParts {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly state: SharedState;
  readonly members: Membership;
  readonly standings: RemoteStandings;
  /** Whether a member's word about accounts counts: not while its own network is at fault. */
  readonly isBelieved: (node: NodeId) => boolean;
  /** Wall ms of the last reset of an account by a person: what was said before is void. */
  readonly resetAtMs: (accountId: string) => number;
  /** From the change at another node to its effect here, by wall clocks. */
  readonly onPropagated: (kind: 'breaker' | 'rest', durationMs: number) => void;
}

/**
 * Breakers and rests, told to all at once. An opening is believed unless this node knows better; a trial's success at
 * any node closes for all. Only what was learnt here is told on: what others told they tell themselves.
 *
 * Which of two words is newer is told by the wall clocks of those who said them, which should agree within a second: a
 * clock that is ahead does no harm (see `HeardTimes`), the openings of one that is behind by N seconds are void for N
 * seconds after a reset or a success elsewhere.
 */
export class StandingGossip implements AccountObserver {
  readonly #parts: StandingGossipParts;
  /** Whose word opened a breaker here. */
  readonly #believed = new LruMap<string, NodeId>(believedMax);
  readonly #heard = new HeardTimes();
  /** When this node's verdicts go, by key: one for each breaker that it closed of late. */
  readonly #verdictEnds = new Map<string, Timer>();

  constructor(parts: StandingGossipParts) {
    this.#parts = parts;
  }

  start(): void {
    const { accounts, state } = this.#parts;
    accounts.observe(this);
    for (const { id } of accounts.all) this.noteReset(id);
    state.watch(breakerPrefix, (entry) => this.#hearBreaker(entry));
    state.watch(restPrefix, (entry) => this.#hearRest(entry));
  }

  stop(): void {
    for (const timer of this.#verdictEnds.values()) timer.cancel();
    this.#verdictEnds.clear();
  }

  breakerOpened({ account, model, nowMs, origin, untilMs }: StandingNotice & { untilMs: number }): void {
    if (origin !== 'own') return;
    const word: BreakerWord = { open: true, at: nowMs, until: untilMs };
    this.#parts.state.set(standingKey(breakerPrefix, account.id, model), word, true);
  }

  breakerClosed({ account, model, nowMs, origin }: StandingNotice): void {
    if (origin === 'own') this.#tellClosed(account.id, model, nowMs);
  }

  restStarted({ account, model, nowMs, origin, untilMs }: StandingNotice & { untilMs: number }): void {
    if (origin !== 'own') return;
    const word: RestWord = { at: nowMs, until: untilMs };
    this.#parts.state.set(standingKey(restPrefix, account.id, model), word, true);
  }

  restEnded({ account, model, origin }: StandingNotice): void {
    if (origin === 'own') this.#parts.state.delete(standingKey(restPrefix, account.id, model), true);
  }

  /** A reset of the account was heard of: what is said from now on is new, whatever the clocks of the others show. */
  noteReset(accountId: string): number {
    const { clock, resetAtMs } = this.#parts;
    return this.#heard.note(`reset/${accountId}`, resetAtMs(accountId), clock.nowMs());
  }

  /** Another's word about the account is void, as is this node's own: a person reset it, or it is gone. */
  withdraw(accountId: string): void {
    const { state } = this.#parts;
    const own: string[] = [];
    for (const prefix of [breakerPrefix, restPrefix]) {
      state.each(standingKey(prefix, accountId, undefined), ({ isSelf, key }) => {
        if (isSelf && readStandingKey(prefix, key).accountId === accountId) own.push(key);
      });
    }
    for (const key of own) state.delete(key, true);
  }

  /** Withdraws everything that this node said: it was its own network. */
  withdrawAll(): void {
    for (const { id } of this.#parts.accounts.all) this.withdraw(id);
  }

  /** Takes in what the others say already, of an account that is new here. */
  apply(accountId: string): void {
    const { state } = this.#parts;
    this.noteReset(accountId);
    const take = (prefix: string, hear: (entry: StateEntry) => void) => {
      state.each(prefix + accountId, (entry) => {
        if (readStandingKey(prefix, entry.key).accountId === accountId) hear(entry);
      });
    };
    take(breakerPrefix, (entry) => this.#hearBreaker(entry));
    take(restPrefix, (entry) => this.#hearRest(entry));
  }

  #tellClosed(accountId: string, model: string | undefined, nowMs: number): void {
    const key = standingKey(breakerPrefix, accountId, model);
    const { state, clock } = this.#parts;
    const word: BreakerWord = { open: false, at: nowMs };
    state.set(key, word, true);
    this.#verdictEnds.get(key)?.cancel();
    const end = clock.after(closedKeepMs, () => {
      this.#verdictEnds.delete(key);
      const now = readBreakerWord(state.get(this.#parts.members.self.nodeId, key));
      if (now !== undefined && !now.open && now.at === nowMs) state.delete(key);
    });
    this.#verdictEnds.set(key, end);
  }

  #hearBreaker({ isSelf, node, key, value }: StateEntry): void {
    const word = readBreakerWord(value);
    if (isSelf) return;
    const { clock, standings } = this.#parts;
    const nowMs = clock.nowMs();
    const about = { ...readStandingKey(breakerPrefix, key), nowMs };
    if (word === undefined || !this.#parts.isBelieved(node)) {
      this.#takeBack(node, key, about);
      return;
    }
    const atMs = this.#saidAtMs(node, key, word);
    if (word.open) {
      if (atMs <= this.noteReset(about.accountId)) return;
      if (this.#closedSince(key, atMs) || !standings.breakerOpened(about, atMs, word.until)) return;
      this.#believed.set(key, node);
    } else {
      if (this.#openedSince(key, atMs)) return;
      this.#believed.delete(key);
      const hasClosed = standings.breakerClosed(about);
      // The verdict holds for all: this node's own opening is over too.
      this.#dropOwn(key, atMs);
      if (!hasClosed) return;
    }
    this.#parts.onPropagated('breaker', Math.max(0, nowMs - word.at));
  }

  #hearRest({ isSelf, node, key, value }: StateEntry): void {
    if (isSelf || !this.#parts.isBelieved(node)) return;
    const { clock, standings, members } = this.#parts;
    const nowMs = clock.nowMs();
    const about = { ...readStandingKey(restPrefix, key), nowMs };
    const word = readRestWord(value);
    if (word !== undefined) {
      if (word.at <= this.noteReset(about.accountId)) return;
      if (standings.restStarted(about, word.until)) this.#parts.onPropagated('rest', Math.max(0, nowMs - word.at));
    } else if (members.isLive(node)) standings.restEnded(about);
  }

  /** A member whose own network was at fault takes its word back: what was believed of it alone is undone. */
  #takeBack(node: NodeId, key: string, about: RemoteStanding): void {
    if (this.#believed.get(key) !== node) return;
    this.#believed.delete(key);
    const { members, standings, state } = this.#parts;
    if (!members.isLive(node) || this.#parts.isBelieved(node) || this.#saysOpen(key, about.nowMs)) return;
    standings.breakerClosed(about);
    state.each(key, (entry) => {
      if (entry.key === key && entry.node !== node) this.#hearBreaker(entry);
    });
  }

  /** Whether this node found out itself that it is open. */
  #saysOpen(key: string, nowMs: number): boolean {
    const { members, state } = this.#parts;
    const own = readBreakerWord(state.get(members.self.nodeId, key));
    return own?.open === true && own.until > nowMs;
  }

  /** Whether any live member said, later than this, that it is closed. */
  #closedSince(key: string, atMs: number): boolean {
    const { members, state } = this.#parts;
    return members.live.some(({ nodeId }) => {
      const word = readBreakerWord(state.get(nodeId, key));
      return word !== undefined && !word.open && this.#saidAtMs(nodeId, key, word) >= atMs;
    });
  }

  /** Whether any live member, this one too, said later than this that it is open: words may come in any order. */
  #openedSince(key: string, atMs: number): boolean {
    const { members, state, isBelieved } = this.#parts;
    return members.live.some(({ nodeId }) => {
      const word = readBreakerWord(state.get(nodeId, key));
      return word?.open === true && this.#saidAtMs(nodeId, key, word) > atMs && isBelieved(nodeId);
    });
  }

  #saidAtMs(node: NodeId, key: string, { at }: BreakerWord): number {
    return this.#heard.note(`${node}/${key}`, at, this.#parts.clock.nowMs());
  }

  #dropOwn(key: string, closedAtMs: number): void {
    const { members, state } = this.#parts;
    const own = readBreakerWord(state.get(members.self.nodeId, key));
    if (own?.open && own.at <= closedAtMs) state.delete(key, true);
  }
}
