import type { BenchRoom } from '../bench-room.ts';
import type { ExchangeName } from '../load/exchanges.ts';
import type { RunningTarget } from '../running-target.ts';
import type { Sample } from '../sample.ts';

export interface Turn {
  readonly running: RunningTarget;
  readonly exchange: ExchangeName;
}

/** How often each is asked, and for how long at a time. */
export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * Closed loops on each in turn, warmed up, the order turned round every second round (A B B A), so that what drifts on
 * the machine falls on all of them alike. Samples by turn, one for each round.
 */
export async function takeTurns(
  room: BenchRoom,
  turns: readonly Turn[],
  { rounds, seconds }: Pace = room.options,
): Promise<Sample[][]> {
  for (const { running, exchange } of turns) await room.warmUp(running, exchange);
  const samples: Sample[][] = turns.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...turns.keys()];
    if (round % 2 === 1) order.reverse();
    for (const index of order) {
      const { running, exchange } = turns[index] as Turn;
      samples[index]?.push(await room.closed(running, exchange, seconds));
    }
  }
  return samples;
}
