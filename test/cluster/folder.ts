import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** An empty folder for each test of the file; answers its path. */
export function freshFolder(): () => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aiproxy-cluster-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
