import { expect, test } from 'vitest';
import { JoinWatch } from '../../../../node/assembly/mesh/join-watch.ts';
import { recordedLog } from '../../../cluster/mesh/recorded-log.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { loneMesh } from './lone-mesh.ts';

function watched(joining: { isJoined: boolean; obstacle: string | undefined }) {
  const clock = new ManualClock();
  const log = recordedLog();
  let isCurrent = false;
  let joinedCount = 0;
  const mesh = { joining, records: { isCurrent: () => isCurrent } };
  const watch = new JoinWatch({ mesh, clock, log, onJoined: () => void joinedCount++ });
  watch.start();
  return {
    clock,
    log,
    watch,
    joined: () => joinedCount,
    catchUp: () => {
      isCurrent = true;
    },
  };
}

test('is ready once it was welcomed and has the records of the others, and says so once', () => {
  const joining = { isJoined: false, obstacle: undefined };
  const { clock, log, joined, catchUp } = watched(joining);
  clock.advance(5000);
  joining.isJoined = true;
  clock.advance(5000);
  expect(joined()).toBe(0);
  catchUp();
  clock.advance(20);
  expect([joined(), clock.pendingCount, log.lines]).toEqual([1, 0, []]);
});

test('serves after a while without having joined, and says what keeps it', () => {
  const { clock, log, joined } = watched({ isJoined: false, obstacle: 'the secret is another' });
  clock.advance(15_000);
  expect(joined()).toBe(0);
  clock.advance(40);
  expect([joined(), clock.pendingCount]).toEqual([1, 0]);
  expect(log.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('the secret is another') }]);
});

test('is ready at once where there is nobody to join, and waits for nothing once stopped', () => {
  const clock = new ManualClock();
  const mesh = loneMesh(clock);
  mesh.begin(() => undefined);
  let count = 0;
  new JoinWatch({ mesh, clock, log: recordedLog(), onJoined: () => void count++ }).start();
  expect(count).toBe(1);
  mesh.halt();

  const waiting = watched({ isJoined: false, obstacle: undefined });
  waiting.watch.stop();
  waiting.clock.advance(60_000);
  expect([waiting.joined(), waiting.clock.pendingCount]).toEqual([0, 0]);
});
