import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/run/longest-first.ts';

/** Suites whose files need a process of their own: they start programs, count what lies about or change a library. */
const alone = ['test/processes/**', 'test/clients/**', 'test/build/**', 'test/cluster/transport/**'].map(
  (folder) => `${folder}/*.test.ts`,
);

export default defineConfig({
  test: {
    pool: 'forks',
    // More than this machine has cores: many files wait for sockets and processes.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test that leaves a handle open is a bug in the code it tests.
    teardownTimeout: 5_000,
    globalSetup: ['test/run/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      // One process after the other takes such files in turn, and loads what they share once.
      { extends: true, test: { name: 'together', include: ['test/**/*.test.ts'], exclude: alone, isolate: false } },
    ],
  },
});
