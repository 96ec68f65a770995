import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledFolder } from './compiled-folder.ts';

/**
 * Called by vitest before its first test; what it answers is called after the last one. All temporary folders of a run
 * lie in one, so that what a test leaves behind, also one that was killed, goes with it.
 */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'aiproxy-tests-'));
  // As /tmp, open to whoever a test becomes: what lies in it is guarded by its own permissions.
  chmodSync(folder, 0o755);
  // Processes of tests are started with the environment of this one.
  process.env['TMPDIR'] = folder;
  process.env['NODE_COMPILE_CACHE'] = compiledFolder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
}
