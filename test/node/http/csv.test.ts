import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costText } from '../../../node/http/cost.ts';
import { csvOf } from '../../../node/http/csv.ts';

/** RFC 4180, strictly: lines end in CRLF, quotes are doubled within quotes. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let rest = text;
  while (rest !== '') {
    const cell = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
    if (cell === null) throw new Error(`no cell at ${JSON.stringify(rest.slice(0, 40))}`);
    row.push(cell[1]?.replaceAll('""', '"') ?? cell[2] ?? '');
    if (cell[3] !== ',') {
      rows.push(row);
      row = [];
    }
    rest = rest.slice(cell[0].length);
  }
  return rows;
}

describe('CSV', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', '=', "'", 'a', '\t') }));

  it('brings every text back, but for an apostrophe before what would run', () => {
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }), { maxLength: 5 }));
    fc.assert(
      fc.property(table, (rows) => {
        const width = rows[0]?.length ?? 1;
        const head = Array.from({ length: width }, (_, at) => `c${at}`);
        const [columns, ...cells] = parse(csvOf(head, rows));
        expect(columns).toEqual(head);
        expect(cells).toEqual(rows.map((row) => row.map((cell) => (/^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell))));
        for (const cell of cells.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
      }),
    );
  });

  it('takes the wide signs for what they are to spreadsheets of the Far East', () => {
    expect(csvOf(['a'], [['＝1+1'], ['＠x']])).toBe("a\r\n'＝1+1\r\n'＠x\r\n");
  });

  it('writes numbers as they are and nothing for null', () => {
    expect(csvOf(['a', 'b', 'c'], [[1, null, 2.5]])).toBe('a,b,c\r\n1,,2.5\r\n');
  });
});

describe('a cost', () => {
  it.each([
    [0, '0'],
    [1, '0.000000001'],
    [150, '0.00000015'],
    [1_000_000_000, '1'],
    [12_345_678_900_000, '12345.6789'],
    [Number.MAX_SAFE_INTEGER, '9007199.254740991'],
  ])('of %d nano-units is %s', (nano, written) => expect(costText(nano)).toBe(written));
});
