import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What `gc` takes; @types/node knows an older form. "last-resort" also compacts, and shrinks V8's young generation. */
type Collect = (options: { type: 'major'; flavor: 'last-resort' }) => void;

/**
 * Collects all garbage and returns the room to the system. Node.js has no call for it: V8's own is asked for by a flag,
 * which is taken back at once, since compiled modules are kept for the flags that stood when they were written.
 */
export function collectAll(): void {
  // A user who started Node.js with --expose-gc keeps it.
  const given: unknown = Reflect.get(globalThis, 'gc');
  const collect = (given ?? borrow()) as Collect;
  collect({ type: 'major', flavor: 'last-resort' });
}

function borrow(): unknown {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc');
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
