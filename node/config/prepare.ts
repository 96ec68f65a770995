import { isAbsolute, join, resolve } from 'node:path';
import { metaOf } from '../../kit/setting.ts';
import { accountShape } from './account-shape.ts';
import { accountList } from './assemble.ts';
import { describeOrigin, pathText, type Path } from './origin.ts';
import { readBounded } from './read-file.ts';
import { isSecret, shapeOf, type Shape } from './schema-shape.ts';
import { settingsSchema } from './settings.ts';
import { isTree, type SourceTree } from './source-tree.ts';

/** A key, token or PEM is far smaller; the bound is against a wrong path. */
const secretFileSizeMax = 65_536;

/**
 * Makes every path absolute, from the file that names it, and reads the `x_file` twin of every secret `x`. Answers what
 * went wrong.
 */
export async function prepare(tree: SourceTree, home: string): Promise<string[]> {
  const errors: string[] = [];
  await prepareSection(tree, [], settingsSchema.shape, home, errors);
  for (const [index, account] of accountList(tree).entries()) {
    if (!isTree(account)) continue;
    await prepareSection(tree, ['accounts', index], accountShape(account['provider']), home, errors);
  }
  return errors;
}

async function prepareSection(
  tree: SourceTree,
  path: Path,
  shape: Shape,
  home: string,
  errors: string[],
): Promise<void> {
  const section = path.length === 0 ? tree.root : tree.value(path);
  if (!isTree(section)) return;
  for (const key of Object.keys(section)) {
    const place = [...path, key];
    const schema = Object.hasOwn(shape, key) ? shape[key] : undefined;
    const inner = schema && shapeOf(schema);
    if (inner !== undefined) await prepareSection(tree, place, inner, home, errors);
    else if (schema !== undefined && metaOf(schema)?.kind === 'path') resolvePath(tree, place, home);
    else if (schema === undefined && isTwin(key, shape)) await readTwin(tree, place, home, errors);
  }
}

/** Whether a key is `x_file` for a secret `x` of the section. */
function isTwin(key: string, shape: Shape): boolean {
  const name = key.endsWith('_file') ? key.slice(0, -'_file'.length) : '';
  const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
  return schema !== undefined && isSecret(schema);
}

function resolvePath(tree: SourceTree, path: Path, home: string): void {
  const value = tree.value(path);
  if (typeof value === 'string' && value !== '') tree.replace(path, absolutePath(value, folderOf(tree, path), home));
}

async function readTwin(tree: SourceTree, path: Path, home: string, errors: string[]): Promise<void> {
  const secretPath = [...path.slice(0, -1), String(path.at(-1)).slice(0, -'_file'.length)];
  const where = `(${describeOrigin(tree.origin(path))})`;
  const named = tree.value(path);
  const origin = tree.origin(path);
  if (typeof named !== 'string') {
    errors.push(`${pathText(path)}: not allowed; allowed: a path ${where}`);
  } else if (tree.value(secretPath) !== undefined && !isStronger(tree, path, secretPath)) {
    if (tree.origin(secretPath)?.kind === origin?.kind) {
      errors.push(`${pathText(path)}: given beside ${pathText(secretPath)}; allowed: one of the two ${where}`);
    }
  } else {
    const file = await readBounded(absolutePath(named, folderOf(tree, path), home), secretFileSizeMax);
    const secret = 'text' in file ? file.text.trim() : '';
    if (secret !== '') tree.replace(secretPath, secret, origin);
    else
      errors.push(
        `${pathText(path)}: ${JSON.stringify(named)}: ${'reason' in file ? file.reason : 'it is empty'} ${where}`,
      );
  }
  tree.remove(path);
}

const strength = { flag: 3, environment: 2, file: 1, default: 0 } as const;

/** Whether the twin comes from a stronger source than the secret itself. */
function isStronger(tree: SourceTree, twin: Path, secret: Path): boolean {
  const [one, other] = [tree.origin(twin)?.kind ?? 'default', tree.origin(secret)?.kind ?? 'default'];
  return strength[one] > strength[other];
}

function folderOf(tree: SourceTree, path: Path): string {
  return tree.origin(path)?.folder ?? '.';
}

/** A path as people write it: `~/` is the home folder, a relative one counts from `folder`. */
export function absolutePath(path: string, folder: string, home: string): string {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return isAbsolute(path) ? path : resolve(folder, path);
}
