/**
 * The load side, a process of its own on its own core: the upstream and the clients in one event loop. They belong
 * together, since a streamed answer's next event leaves the upstream when the client has seen the last, and one process
 * on a core is not switched away from for the other.
 */
import { Upstream } from '../upstream/upstream.ts';
import { runClosedLoop } from './closed-loop.ts';
import type { LoadOrder, LoadOutcome, LoadReport } from './contract.ts';
import { runOpenLoop } from './open-loop.ts';

const upstream = new Upstream();

function report(message: LoadReport): void {
  process.send?.(message);
}

async function run(order: LoadOrder): Promise<LoadOutcome> {
  const advance = (stream: number) => upstream.streams.advance(stream);
  const before = upstream.taken;
  const outcome = await (order.kind === 'closed' ? runClosedLoop(order, advance) : runOpenLoop(order, advance));
  return { ...outcome, upstreamRequests: upstream.taken - before };
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (outcome) => report({ kind: 'outcome', outcome }),
    (error: unknown) => report({ kind: 'failed', reason: String(error) }),
  );
});
// The parent is gone: nobody would end us.
process.on('disconnect', () => process.exit(0));

report({ kind: 'ready', upstreamPort: await upstream.start() });
