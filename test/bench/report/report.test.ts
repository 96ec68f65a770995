import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { WorkResult } from '../../../bench/report/contract.ts';
import { pageOf } from '../../../bench/report/page.ts';
import { tableOf } from '../../../bench/report/table.ts';

const work: WorkResult = {
  work: 'forward',
  title: 'Forward <plain>',
  columns: ['rate', 'ratio'],
  rows: [
    {
      target: 'bare-pipe',
      figures: { rate: { value: 12_000, unit: 'requests/s', low: 11_000, high: 13_000 } },
      verdicts: [],
      trouble: undefined,
    },
    {
      target: 'aiproxy',
      figures: { rate: { value: NaN, unit: 'requests/s' }, ratio: { value: 0.75, unit: 'times' } },
      verdicts: [{ goal: 'at least 0.8 × bare-pipe', reached: { value: 0.75, unit: 'times' }, isMet: false }],
      trouble: '3 failed: status 503',
    },
  ],
  notes: ['a note'],
};

describe('report', () => {
  test('the table shows figures, ranges, goals, troubles and notes', () => {
    const table = stripVTControlCharacters(tableOf(work));
    expect(table).toContain('12,000/s (11,000–13,000)');
    expect(table).toContain('✗ not met aiproxy: at least 0.8 × bare-pipe: 0.75×');
    expect(table).toContain('3 failed: status 503');
    expect(table).toContain('a note');
  });

  test('the page needs nothing from elsewhere and escapes what it shows', () => {
    const page = pageOf({ startedAt: 'now', machine: 'm', notes: [], targets: [], works: [work] });
    expect(page).not.toMatch(/src=|href=|@import|url\(/);
    expect(page).toContain('Forward &lt;plain&gt;');
    expect(page).not.toContain('NaN');
    expect(page.match(/<rect /g)).toHaveLength(1);
  });
});
