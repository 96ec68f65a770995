import { expect, it } from 'vitest';
import type { DemoSite } from '../../../../cli/program/demo/demo-site.ts';
import { takeTour } from '../../../../cli/program/demo/take-tour.ts';
import { createOutput } from '../../../../cli/program/output.ts';
import { systemClock } from '../../../../kit/clock.ts';
import { RecordedTerminal } from '../../recorded-terminal.ts';

it('says what failed, and shows nothing more where the mesh did not start', async () => {
  const terminal = new RecordedTerminal();
  const start = () => Promise.reject(new Error('node2 ended at its start (1)'));
  const site = { start, members: [], clock: systemClock, hasNginx: true } as unknown as DemoSite;
  const reports = await takeTour(site, createOutput(terminal, false), new AbortController().signal);
  expect(reports.map(({ title, ok }) => [title, ok])).toEqual([['Started', false]]);
  expect(terminal.stdout.text).toContain('FAILED Started');
  expect(terminal.stdout.text).toContain('node2 ended at its start (1)');
  expect(terminal.stdout.text).toContain('1 of 1 steps went wrong.');
});
