import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countsOf } from './counts.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-counts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 2, numTodoTests: 1, testResults: [] };

async function counts(content: unknown, exitCode: number) {
  const file = join(folder, 'results.json');
  await writeFile(file, JSON.stringify(content));
  return countsOf(file, exitCode);
}

describe('counts of a run', () => {
  test('come from the report', async () => {
    expect(await counts(report, 0)).toEqual({ passed: 5, failed: 0, skipped: 3 });
    expect(await counts({ ...report, numFailedTests: 2 }, 1)).toEqual({ passed: 5, failed: 2, skipped: 3 });
  });

  test('a file that could not be loaded is a failure', async () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(await counts({ ...report, testResults }, 1)).toMatchObject({ failed: 1 });
  });

  test('a bad end that no test shows is a failure', async () => {
    expect(await counts(report, 1)).toMatchObject({ passed: 5, failed: 1 });
  });

  test('no report at all is a failure', () => {
    expect(countsOf(join(folder, 'absent.json'), 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
