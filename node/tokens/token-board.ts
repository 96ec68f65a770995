import type { Mesh } from '../../cluster/contract.ts';
import type { Fence } from '../../cluster/intents/contract.ts';
import type { ReplicatedRecord } from '../../cluster/replicated/contract.ts';
import type { Clock, Timer } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import { isLater } from './held-token.ts';
import { readTokenRecord, tokensTable, type RecordOrder, type TokenNews } from './token-record.ts';

/** A member can write as many records as it likes; a line a minute tells of it. */
const complaintPeriodMs = 60_000;

/** A full table does not empty by itself within seconds; the token is on disk and in use meanwhile. */
const retryMs = 30_000;

export interface TokenBoardParts {
  mesh: Pick<Mesh, 'records' | 'sealer'>;
  clock: Clock;
  log: Log;
  /** Called a while after the records refused what was to be shown of an account: it is to be shown again. */
  onRetry: (accountId: string) => void;
}

/** `late`: something newer stands there. `refused`: nobody was told; `onRetry` follows. */
export type Shown = 'shown' | 'late' | 'refused';

/** The order of what a leader says: it always has a fence. */
export type LeaderOrder = RecordOrder & { readonly fence: Fence };

/**
 * What the leaders let all know of the accounts' tokens. The fence that is sealed into a record orders it, and never its
 * stamp, which any member can choose: a record that says nothing gives way whatever its stamp.
 */
export class TokenBoard {
  readonly #parts: TokenBoardParts;
  #complainedMs = -Infinity;
  /** At most the accounts there are. */
  readonly #refused = new Set<string>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: TokenBoardParts) {
    this.#parts = parts;
  }

  /** Undefined for what says nothing (logged): no leader of a cluster with this secret wrote it, or somebody deleted it. */
  read(record: ReplicatedRecord): (TokenNews & LeaderOrder) | undefined {
    const { id, payload, isDeleted } = record;
    const news = isDeleted ? undefined : readTokenRecord(this.#parts.mesh.sealer, id, payload);
    if (news?.fence !== undefined) return news as TokenNews & LeaderOrder;
    this.#complain(record);
    return undefined;
  }

  /** What stands there now, likewise. */
  shown(accountId: string): (TokenNews & LeaderOrder) | undefined {
    const record = this.#parts.mesh.records.get(tokensTable, accountId);
    return record === undefined ? undefined : this.read(record);
  }

  /** Puts this in the place of what is older, unreadable, or of another cluster. Never throws a Fault. */
  show(accountId: string, { fence, clusterId }: LeaderOrder, payload: object): Shown {
    const shown = this.shown(accountId);
    if (shown?.clusterId === clusterId && !isLater(fence, shown.fence)) return 'late';
    const stamp = { major: fence.term, minor: fence.sequence };
    try {
      const record = this.#parts.mesh.records.putStamped(tokensTable, accountId, payload, stamp, true);
      return record === undefined ? 'late' : 'shown';
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#parts.log.error(
        `the others cannot be told of the token of account ${accountId}: ${error.message}; next try in ${retryMs / 1000} s`,
        { account: accountId, code: error.code },
      );
      this.#refused.add(accountId);
      this.#plan();
      return 'refused';
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #plan(): void {
    if (this.#isStopped) return;
    this.#timer ??= this.#parts.clock.after(retryMs, () => {
      this.#timer = undefined;
      const refused = [...this.#refused];
      this.#refused.clear();
      for (const accountId of refused) this.#parts.onRetry(accountId);
    });
  }

  #complain({ id, writer }: ReplicatedRecord): void {
    const { clock, log } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#complainedMs < complaintPeriodMs) return;
    this.#complainedMs = nowMs;
    const why = 'it was sealed under another cluster secret, or is none';
    log.warn(`a record of the token of account ${id} cannot be read and is passed over: ${why}`, {
      account: id,
      writer,
    });
  }
}
