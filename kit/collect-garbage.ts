import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects all garbage now and gives the memory back to the system; blocks for some tens of milliseconds. Starting
 * leaves garbage of some 20 MB (35 MB with the mesh), which V8 would keep for as long as a node has little to do, since
 * only allocating makes it collect. The flag has effect on contexts that are made after it, and is taken back at once.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  try {
    // Last resort: V8 shrinks its heap as well, instead of keeping pages for what comes next.
    runInNewContext("gc({ type: 'major', flavor: 'last-resort' })");
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
