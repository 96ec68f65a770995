import { describe, expect, it } from 'vitest';
import { homes, mayConstructAcrossRooms, roomOf, shippedFromTest, toolRooms } from './rooms.ts';
import { parseSource, readSources, type SourceFile } from './source-files.ts';

const sources = readSources(['kit', 'cluster', 'node', 'cli']);

describe('imports', () => {
  it('go down only, and never between rooms of one row', () => {
    expect(sources.flatMap(upward)).toEqual([]);
  });

  it('come from a contract only as contracts, kit, zod and what Node has', () => {
    expect(sources.flatMap(impureContract)).toEqual([]);
  });

  it('never come from the index of the own folder', () => {
    expect(sources.flatMap(ownIndex)).toEqual([]);
  });

  it('of outside libraries stand in their homes', () => {
    expect(sources.flatMap(strayLibrary)).toEqual([]);
  });

  it('of classes of other rooms are constructed only by main.ts and the assembly', () => {
    expect(sources.flatMap(foreignConstruction)).toEqual([]);
  });

  it('make no cycles', () => {
    expect(cycles(sources)).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const violations = (path: string, text: string, rule: (file: SourceFile) => string[]) =>
    rule(parseSource(path, text));

  it('see an import upward, also of a type and a dynamic one', () => {
    const text = "import type { Server } from '../http/server.ts';\nconst later = await import('../http/later.ts');";
    expect(violations('node/forward/send.ts', text, upward)).toEqual([
      'node/forward/send.ts:1: forward may not import http',
      'node/forward/send.ts:2: forward may not import http',
    ]);
  });

  it('see one side room in another', () => {
    const text = "export { x } from '../cache/x.ts';";
    expect(violations('node/auth/y.ts', text, upward)).toEqual(['node/auth/y.ts:1: auth may not import cache']);
  });

  it('see a library away from home, and the index of the own folder', () => {
    expect(violations('node/auth/y.ts', "import pino from 'pino';", strayLibrary)).toEqual([
      'node/auth/y.ts:1: pino is imported only in kit/log.ts',
    ]);
    expect(violations('node/auth/y.ts', "import { z } from './index.ts';", ownIndex)).toHaveLength(1);
  });

  it('see the scripted upstream outside the demo', () => {
    const text = "import { start } from '../../test/upstream/upstream.ts';";
    expect(violations('cli/program/help.ts', text, upward)).toEqual([
      'cli/program/help.ts:1: cli may not import test/upstream/upstream.ts',
    ]);
    expect(violations('cli/program/demo/x.ts', text.replace('../..', '../../..'), upward)).toEqual([]);
  });

  it('see a room that constructs a part of another one, and let it make tools', () => {
    const text = "import { Accounts } from '../accounts/directory.ts';\nconst accounts = new Accounts(options);";
    expect(violations('node/forward/x.ts', text, foreignConstruction)).toEqual([
      'node/forward/x.ts:2: constructs Accounts of accounts',
    ]);
    expect(violations('node/assembly/x.ts', text, foreignConstruction)).toEqual([]);
    const tool = "import { SseParser } from '../wire/sse.ts';\nconst parser = new SseParser(options);";
    expect(violations('node/forward/x.ts', tool, foreignConstruction)).toEqual([]);
  });

  it('see a cycle of two', () => {
    const files = [parseSource('kit/a.ts', "import './b.ts';"), parseSource('kit/b.ts', "import './a.ts';")];
    expect(cycles(files)).toEqual(['kit/a.ts → kit/b.ts → kit/a.ts']);
  });
});

function upward({ path, imports }: SourceFile): string[] {
  const own = roomOf(path);
  if (own === undefined) return [`${path}:1: is in no room`];
  return imports.flatMap(({ line, target }) => {
    const other = target === undefined ? undefined : roomOf(target);
    if (target === undefined || other?.room === own.room || isShippedTo(path, target)) return [];
    if (other !== undefined && other.row < own.row) return [];
    return [
      `${path}:${line}: ${shortName(own.room)} may not import ${other === undefined ? target : shortName(other.room)}`,
    ];
  });
}

function isShippedTo(path: string, target: string): boolean {
  return Object.entries(shippedFromTest).some(([part, user]) => target.startsWith(part) && path.startsWith(user));
}

/** Classes stand in the import by name, so a name after `new` that was imported from another room tells. */
function foreignConstruction({ path, lines, imports }: SourceFile): string[] {
  if (mayConstructAcrossRooms(path)) return [];
  const own = roomOf(path)?.room;
  const text = lines.join('\n');
  return imports.flatMap(({ specifier, target }) => {
    const room = target === undefined ? undefined : roomOf(target)?.room;
    if (room === undefined || room === own || toolRooms.has(room)) return [];
    return importedNames(text, specifier)
      .map((name) => ({ name, line: lines.findIndex((each) => new RegExp(`\\bnew ${name}\\b`).test(each)) + 1 }))
      .filter(({ line }) => line > 0)
      .map(({ name, line }) => `${path}:${line}: constructs ${name} of ${shortName(room)}`);
  });
}

function importedNames(text: string, specifier: string): string[] {
  const from = text.indexOf(`from '${specifier}'`);
  const list = from < 0 ? '' : text.slice(text.lastIndexOf('import', from), from);
  return [...list.matchAll(/\b[A-Z]\w*/g)].map(([name]) => name);
}

function shortName(room: string): string {
  return room.replace(/^node\//, '');
}

function impureContract({ path, imports }: SourceFile): string[] {
  if (!path.endsWith('/contract.ts')) return [];
  return imports
    .filter(({ specifier, target }) =>
      target === undefined
        ? specifier !== 'zod' && !specifier.startsWith('node:')
        : !target.startsWith('kit/') && !target.endsWith('/contract.ts'),
    )
    .map(({ line, specifier }) => `${path}:${line}: a contract may not import ${specifier}`);
}

function ownIndex({ path, imports }: SourceFile): string[] {
  return imports
    .filter(({ specifier }) => specifier === './index.ts')
    .map(({ line }) => `${path}:${line}: imports the index of its own folder`);
}

function strayLibrary({ path, imports }: SourceFile): string[] {
  return imports.flatMap(({ line, specifier, target }) => {
    if (target !== undefined || specifier.startsWith('node:')) return [];
    const library = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    const home = homes[library];
    if (home === undefined) return [`${path}:${line}: ${library} has no home (see test/tidy/rooms.ts)`];
    const isHome = home.some((place) => (typeof place === 'string' ? path.startsWith(place) : place.test(path)));
    return isHome ? [] : [`${path}:${line}: ${library} is imported only in ${home.join(', ')}`];
  });
}

/** Every cycle, told once, from the file that comes first in the alphabet. */
function cycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]));
  const state = new Map<string, 'open' | 'done'>();
  const found = new Set<string>();
  const visit = (path: string, walk: readonly string[]) => {
    if (state.get(path) === 'open') found.add(fromFirst(walk.slice(walk.indexOf(path))));
    if (state.has(path)) return;
    state.set(path, 'open');
    for (const next of graph.get(path) ?? []) visit(next, [...walk, path]);
    state.set(path, 'done');
  };
  for (const path of graph.keys()) visit(path, []);
  return [...found];
}

function fromFirst(circle: readonly string[]): string {
  const first = circle.indexOf(circle.toSorted()[0] ?? '');
  const turned = [...circle.slice(first), ...circle.slice(0, first)];
  return [...turned, turned[0]].join(' → ');
}
