import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isComment, parseSource, readSources, type SourceFile } from './source-files.ts';

const product = readSources(['kit', 'cluster', 'node', 'cli']);
const everything = [...product, ...readSources(['bench', 'test'])];

/** A file longer than this holds more than one idea. */
const lineCountMax = 400;

/** Time, timers, chance and ids come from kit, or no simulation can hold them. */
const uncontrolled =
  /\bDate\.now\b|\bnew Date\(\)|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bMath\.random\b|\brandomUUID\b|\bperformance\.now\b/;
const anyType = /(?::|\bas|<|\||&|,)\s*any\b(?!\s*:)/;

/** An import of node:http or node:https for more than types loads Node's undici: 12 MB (kit/node-http.ts). */
const wholeHttp = /^import (?!type\b).*from 'node:https?'/;

describe('the source', () => {
  it('takes node:http from kit, except its types', () => {
    const found = product.flatMap(({ path, lines }) =>
      lines.filter((line) => wholeHttp.test(line)).map((line) => `${path}: ${line}`),
    );
    expect(found).toEqual([]);
  });

  it('takes time, timers, chance and ids from kit', () => {
    const rooms = product.filter(({ path }) => /^(?:node|cluster)\//.test(path));
    expect(rooms.flatMap((file) => linesWith(file, uncontrolled))).toEqual([]);
  });

  it('reads the environment of the process only in the command line', () => {
    const rooms = product.filter(({ path }) => !path.startsWith('cli/'));
    expect(rooms.flatMap((file) => linesWith(file, /\bprocess\.env\b/))).toEqual([]);
  });

  it('has no any', () => {
    expect(everything.flatMap((file) => linesWith(file, anyType))).toEqual([]);
  });

  it('has no file named utils, common or helpers', () => {
    const named = everything.filter(({ path }) => /^(?:utils?|commons?|helpers?)\b/.test(basename(path)));
    expect(named.map(({ path }) => path)).toEqual([]);
  });

  it(`has no file of more than ${lineCountMax} lines`, () => {
    const long = everything.filter(({ lines }) => lines.length - 1 > lineCountMax);
    expect(long.map(({ path, lines }) => `${path}: ${lines.length - 1} lines`)).toEqual([]);
  });
});

describe('the rules themselves', () => {
  it('see what they look for, and not comments or words within words', () => {
    const text =
      'const at = Date.now();\n// Date.now is not used here\nconst many: any[] = [];\nconst company: Company = x;';
    const file = parseSource('node/x.ts', text);
    expect(linesWith(file, uncontrolled)).toEqual(['node/x.ts:1: const at = Date.now();']);
    expect(linesWith(file, anyType)).toEqual(['node/x.ts:3: const many: any[] = [];']);
  });
});

function linesWith({ path, lines }: SourceFile, form: RegExp): string[] {
  return lines.flatMap((line, index) => {
    const code = line.replace(/(['"`])(?:\\.|(?!\1).)*\1/g, "''").replace(/\/\/.*$/, '');
    return !isComment(line) && form.test(code) ? [`${path}:${index + 1}: ${line.trim()}`] : [];
  });
}
