import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Leadership } from './contract.ts';

/** Right after a handover the next leader is not known yet, or has not heard from all: it is asked again so soon. */
const againMs = 100;

export interface GiveUpVoteOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly leadership: Pick<Leadership, 'removeVoter'>;
  readonly self: string;
  /** Whether another voter is there, so that there may be a leader yet. */
  readonly hasOthers: () => boolean;
  readonly boundMs: number;
}

/** Takes this node's own vote out before it goes; `done` when that is agreed, or after `boundMs`, which is logged. */
export function giveUpVote(options: GiveUpVoteOptions, done: () => void): void {
  const { clock, log, leadership, self, hasOthers, boundMs } = options;
  let isOver = false;
  let lastRefusal = 'the leader did not answer in time';
  const end = (refusal?: string) => {
    if (isOver) return;
    isOver = true;
    bound.cancel();
    if (refusal !== undefined) log.warn('This node goes and keeps its vote; it can be removed.', { reason: refusal });
    done();
  };
  const ask = () => {
    if (isOver) return;
    leadership.removeVoter(self, false, (refusal) => {
      if (refusal === undefined || !hasOthers()) return end(refusal);
      lastRefusal = refusal;
      clock.after(againMs, ask);
    });
  };
  const bound = clock.after(boundMs, () => end(lastRefusal));
  ask();
}
