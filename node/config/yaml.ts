import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { interpolate } from './interpolate.ts';
import { emptySource, pathText, type Environment, type Origin, type Path, type Source } from './origin.ts';

/** Bounds against files that unfold: 1,000 accounts of 20 keys are 20,000 values. */
const valueCountMax = 50_000;
const depthMax = 16;
/** Each alias costs a walk over the file to find its anchor. */
const aliasCountMax = 1_000;

export interface FileText {
  /** As the user wrote it, for messages. */
  name: string;
  /** Folder of the file; relative paths in it count from here. */
  folder: string;
  text: string;
}

export interface YamlSource extends Source {
  /** Environment variables that the file refers to. */
  names: string[];
}

/** Reads a YAML (or JSON) file into single values with their lines. Anchors are followed, own tags refused. */
export function readYaml(file: FileText, environment: Environment): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, uniqueKeys: true, version: '1.2', schema: 'core' });
  const reader = new YamlReader(file, document, lines, environment);
  reader.read();
  return reader.source;
}

/** The list of accounts stands apart: accounts of all sources are joined. */
const accountsKey = 'accounts';

class YamlReader {
  readonly source: YamlSource = { ...emptySource(), names: [] };
  readonly #file: FileText;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #environment: Environment;
  readonly #open = new Set<Node>();
  readonly #targets = new Map<Node, Node>();
  #valueCount = 0;

  constructor(file: FileText, document: Document.Parsed, lines: LineCounter, environment: Environment) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
    this.#environment = environment;
  }

  read(): void {
    for (const problem of [...this.#document.errors, ...this.#document.warnings]) {
      const line = this.#lines.linePos(problem.pos[0]).line;
      this.source.errors.push(`${this.#file.name}:${line}: ${firstLine(problem.message)}`);
    }
    if (this.source.errors.length > 0) return;
    const root = this.#document.contents;
    if (root === null || (isScalar(root) && root.value === null)) return;
    if (!isMap(root)) return this.#complain([], root, 'the file must be a section of keys');
    this.#walk(root, []);
    if (this.#valueCount <= valueCountMax) return;
    // Half of a file that is too large is worth nothing.
    this.source.assignments.length = 0;
    this.source.accounts.length = 0;
  }

  #walk(node: unknown, path: Path): void {
    if (!isNode(node) || this.#valueCount > valueCountMax) return;
    if (isAlias(node)) return this.#walkAlias(node, path);
    if (path.length > depthMax) return this.#complain(path, node, `nested deeper than ${depthMax} levels`);
    if (isScalar(node)) return this.#emitScalar(node.value, path, node);
    if (this.#open.has(node)) return this.#complain(path, node, 'an anchor that holds itself');
    this.#open.add(node);
    if (isMap(node)) this.#walkMap(node, path);
    if (isSeq(node)) this.#walkList(node, path);
    this.#open.delete(node);
  }

  #walkAlias(node: Node, path: Path): void {
    const target = this.#targets.get(node) ?? (isAlias(node) ? node.resolve(this.#document) : undefined);
    if (target === undefined) return this.#complain(path, node, 'an alias without an anchor');
    this.#targets.set(node, target);
    if (this.#targets.size > aliasCountMax) this.#valueCount = valueCountMax + 1;
    if (this.#targets.size === aliasCountMax + 1) this.#complain(path, node, `more than ${aliasCountMax} aliases`);
    this.#walk(target, path);
  }

  #walkMap(node: Node, path: Path): void {
    if (!isMap(node)) return;
    if (node.items.length === 0) this.#emit(Object.create(null), path, node);
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? key.value : undefined;
      if (typeof name !== 'string' && typeof name !== 'number') {
        this.#complain(path, isNode(key) ? key : node, 'a key must be a name');
      } else if (name === '__proto__') {
        this.#complain([...path, name], isNode(key) ? key : node, 'this key is not allowed');
      } else this.#walk(value, [...path, String(name)]);
    }
  }

  #walkList(node: Node, path: Path): void {
    if (!isSeq(node)) return;
    if (node.items.length === 0) this.#emit([], path, node);
    for (const [index, item] of node.items.entries()) this.#walk(item, [...path, index]);
  }

  #emitScalar(value: unknown, path: Path, node: Node): void {
    if (typeof value !== 'string' || !value.includes('${')) return this.#emit(value, path, node);
    const { text, names, error } = interpolate(value, this.#environment);
    this.source.names.push(...names);
    if (error !== undefined) return this.#complain(path, node, error);
    this.#emit(text, path, node, value);
  }

  #emit(value: unknown, path: Path, node: Node, template?: string): void {
    if (++this.#valueCount === valueCountMax + 1) this.#complain(path, node, `more than ${valueCountMax} values`);
    if (this.#valueCount > valueCountMax) return;
    // A key with nothing after it, and an empty text (`password: ""`), say nothing.
    if (value === null || value === '') return;
    const origin = { ...this.#origin(node), ...(template === undefined ? {} : { template }) };
    const [first, index, ...rest] = path;
    if (first !== accountsKey || typeof index !== 'number') {
      if (!(first === accountsKey && isEmptyList(value))) this.source.assignments.push({ path, value, origin });
      return;
    }
    const account = (this.source.accounts[index] ??= []);
    account.push({ path: rest, value, origin });
  }

  #origin(node: Node): Origin {
    const line = this.#lines.linePos(node.range?.[0] ?? 0).line;
    return { kind: 'file', name: this.#file.name, folder: this.#file.folder, line };
  }

  #complain(path: Path, node: Node, what: string): void {
    const { line } = this.#origin(node);
    const key = path.length === 0 ? '' : `${pathText(path)}: `;
    this.source.errors.push(`${key}${what} (${this.#file.name}:${line})`);
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}
