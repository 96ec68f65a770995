import type { BenchRoom } from '../bench-room.ts';
import type { WorkResult } from '../report/contract.ts';
import type { RunningTarget } from '../running-target.ts';
import type { Target } from '../targets/contract.ts';

/** Starts targets for one work alone, and stops them whatever becomes of it. */
export async function withStarted(
  room: BenchRoom,
  targets: readonly Target[],
  run: (room: BenchRoom, started: readonly RunningTarget[]) => Promise<WorkResult>,
): Promise<WorkResult> {
  const started: RunningTarget[] = [];
  try {
    for (const target of targets) started.push(await room.startOne(target));
    return await run(room, started);
  } finally {
    await Promise.all(started.map((one) => one.stop()));
  }
}
