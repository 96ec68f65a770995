import type { Mesh } from '../../../cluster/contract.ts';
import type { Clock, Timer } from '../../../kit/clock.ts';
import type { Log } from '../../../kit/log.ts';

/** Seeds that do not answer must not keep a node from its clients for ever; it goes on trying to join. */
const joinPatienceMs = 15_000;

/** How often it is looked whether the node has joined; the start of a node is no hot path. */
const lookPeriodMs = 20;

export interface JoinWatchParts {
  readonly mesh: { readonly joining: Mesh['joining']; readonly records: Pick<Mesh['records'], 'isCurrent'> };
  readonly clock: Clock;
  readonly log: Log;
  readonly onJoined: () => void;
}

/**
 * Calls `onJoined` once the node has joined and has the records of the others, or after a while without: requests are
 * served either way, only nginx and its like are told to wait.
 */
export class JoinWatch {
  #timer: Timer | undefined;
  readonly #parts: JoinWatchParts;

  constructor(parts: JoinWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    const { mesh, clock, log, onJoined } = this.#parts;
    const startedMs = clock.monotonicMs();
    const isIn = () => mesh.joining.isJoined && mesh.records.isCurrent();
    if (isIn()) return onJoined();
    this.#timer = clock.every(lookPeriodMs, () => {
      const isLate = clock.monotonicMs() - startedMs > joinPatienceMs;
      if (!isIn() && !isLate) return;
      this.stop();
      if (!isIn()) log.warn(`serving without having joined: ${mesh.joining.obstacle ?? 'no member has answered yet'}`);
      onJoined();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
