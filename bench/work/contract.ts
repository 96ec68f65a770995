import type { BenchRoom } from '../bench-room.ts';
import type { WorkResult } from '../report/contract.ts';

/** One row of the product's table of goals: what is done with the targets and what is read off. */
export interface Work {
  readonly name: string;
  readonly summary: string;
  readonly run: (room: BenchRoom) => Promise<WorkResult>;
}
