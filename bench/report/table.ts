import { styleText } from 'node:util';
import type { ReportRow, WorkResult } from './contract.ts';
import { figureText } from './numbers.ts';

/** Columns whose range over the rounds is shown; the others say where the time went. */
const withSpread = new Set([
  'rate',
  'ratio',
  'CPU ratio',
  'ready',
  'added p50',
  'added p99',
  'added p99.9',
  'of a core',
]);

/** One work as a table for the terminal, the goals beneath. */
export function tableOf(result: WorkResult): string {
  const cells = [['', ...result.columns], ...result.rows.map((row) => cellsOf(result, row))];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0))) ?? [];
  const lines = cells.map(
    (line) => `  ${line.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  ')}`,
  );
  return [
    styleText('bold', result.title),
    styleText('dim', lines[0] ?? ''),
    ...lines.slice(1),
    ...result.rows.flatMap(remarks),
    ...result.notes.map((note) => styleText('dim', `  ${note}`)),
    '',
  ].join('\n');
}

function cellsOf(result: WorkResult, row: ReportRow): string[] {
  return [
    row.target,
    ...result.columns.map((column) => {
      const figure = row.figures[column];
      return figure === undefined ? '–' : figureText(figure, withSpread.has(column));
    }),
  ];
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function remarks(row: ReportRow): string[] {
  const verdicts = row.verdicts.map(({ goal, reached, isMet }) =>
    styleText(
      isMet ? 'green' : 'red',
      `  ${isMet ? '✓ met    ' : '✗ not met'} ${row.target}: ${goal}: ${figureText(reached, true)}`,
    ),
  );
  if (row.trouble !== undefined) verdicts.push(styleText('red', `  ! ${row.target}: ${row.trouble}`));
  return verdicts;
}
