import { pathText, type Assignment, type Origin, type Path } from './origin.ts';

export type Tree = { [key: string]: unknown };

/**
 * The values of all sources, one over the other. Objects have no prototype, so a key such as `__proto__` is a key like
 * any other.
 */
export class SourceTree {
  readonly root: Tree = Object.create(null) as Tree;
  readonly #origins = new Map<string, Origin>();

  /** Sets a value; what stood at its path, and below it, from a weaker source is gone. */
  assign({ path, value, origin }: Assignment): void {
    const last = path.at(-1);
    if (last === undefined) return;
    let holder: unknown = this.root;
    for (const [depth, step] of path.slice(0, -1).entries()) {
      holder = this.#descend(holder as Tree, step, path, depth);
    }
    const previous = (holder as Tree)[last];
    (holder as Tree)[last] = value;
    // Only then is there anything below: looking costs as much as there are values.
    if (typeof previous === 'object') this.#forgetBelow(path);
    this.#origins.set(pathText(path), origin);
  }

  /** Changes a value without changing where it came from, unless told. */
  replace(path: Path, value: unknown, origin: Origin | undefined = this.origin(path)): void {
    if (origin !== undefined) this.assign({ path, value, origin });
  }

  remove(path: Path): void {
    const holder = this.value(path.slice(0, -1));
    if (isTree(holder)) delete holder[String(path.at(-1))];
    this.#origins.delete(pathText(path));
  }

  value(path: Path): unknown {
    let value: unknown = this.root;
    for (const step of path) value = isTree(value) || Array.isArray(value) ? (value as Tree)[step] : undefined;
    return value;
  }

  /** Origin of the value at a path, else of the first value below it, else of what holds it. */
  origin(path: Path): Origin | undefined {
    const text = pathText(path);
    const own = this.#origins.get(text);
    if (own !== undefined) return own;
    for (const [key, origin] of this.#origins) if (isBelow(key, text)) return origin;
    return path.length > 1 ? this.origin(path.slice(0, -1)) : undefined;
  }

  /** Origin of the value at a path or below it; undefined when no source gave one. */
  givenBy(path: Path): Origin | undefined {
    return this.value(path) === undefined ? undefined : this.origin(path);
  }

  #descend(holder: Tree, step: string | number, path: Path, depth: number): unknown {
    const existing = holder[step];
    if (isTree(existing) || Array.isArray(existing)) return existing;
    const fresh: unknown = typeof path[depth + 1] === 'number' ? [] : Object.create(null);
    holder[step] = fresh;
    this.#origins.delete(pathText(path.slice(0, depth + 1)));
    return fresh;
  }

  #forgetBelow(path: Path): void {
    const text = pathText(path);
    for (const key of this.#origins.keys()) if (isBelow(key, text)) this.#origins.delete(key);
  }
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === null;
}

function isBelow(key: string, holder: string): boolean {
  return key.startsWith(holder) && (key[holder.length] === '.' || key[holder.length] === '[');
}
