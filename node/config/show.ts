import { Document, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { accountShape } from './account-shape.ts';
import type { Origins } from './load.ts';
import { describeOrigin, pathText, type Path } from './origin.ts';
import { shapeOf, tableValueOf, type Schema, type Shape } from './schema-shape.ts';
import { settingsSchema, type Settings } from './settings.ts';
import { shownValue } from './shown-value.ts';

export type Shown = { [key: string]: unknown };

/** All settings as a file would hold them, defaults included, secrets redacted. */
export function shownSettings(settings: Settings): Shown {
  const { accounts, ...rest } = settings;
  const shown = shownSection(rest, settingsSchema.shape);
  const list = accounts.map((account) => shownSection(account, accountShape(account.provider)));
  return { ...shown, accounts: list };
}

function shownSection(section: Readonly<Record<string, unknown>>, shape: Shape): Shown {
  const shown: Shown = {};
  for (const key of Object.keys(shape)) {
    const value = section[key];
    if (value !== undefined) shown[key] = shownPart(value, shape[key], key);
  }
  return shown;
}

function shownPart(value: unknown, schema: Schema | undefined, name: string): unknown {
  const inner = schema && shapeOf(schema);
  if (inner !== undefined) return shownSection(value as Shown, inner);
  const tableValue = schema && tableValueOf(schema);
  if (tableValue === undefined) return shownValue(value, schema, name);
  return Object.fromEntries(
    Object.entries(value as Shown).map(([each, part]) => [each, shownPart(part, tableValue, each)]),
  );
}

/** YAML that can be loaded again (with the secrets filled in); with `origins`, a comment after each value says where it came from. */
export function showAsYaml(settings: Settings, origins: Origins | undefined): string {
  const document = new Document(shownSettings(settings));
  if (origins !== undefined && isMap(document.contents)) commentMap(document.contents, [], origins);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** The same for programs: the settings, and origins by path where asked. */
export function showAsJson(settings: Settings, origins: Origins | undefined): string {
  const shown = shownSettings(settings);
  if (origins === undefined) return JSON.stringify(shown, undefined, 2);
  const given: Record<string, string> = {};
  collectOrigins(shown, [], (path, key) => {
    given[key] = describeOrigin(origins.of(path));
  });
  return JSON.stringify({ settings: shown, origins: given }, undefined, 2);
}

function commentMap(map: YAMLMap, path: Path, origins: Origins): void {
  for (const { key, value } of map.items) commentNode(value as Node, [...path, keyText(key)], origins);
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** Sections are gone into; a value, a list of values and an empty section get the comment. */
function commentNode(node: Node, path: Path, origins: Origins): void {
  if (isMap(node) && node.items.length > 0) return commentMap(node, path, origins);
  const items = isSeq(node) ? (node.items as Node[]) : [];
  if (items.some((item) => isMap(item))) {
    for (const [index, item] of items.entries()) commentNode(item, [...path, index], origins);
    return;
  }
  if (isSeq(node)) node.flow = true;
  node.comment = ` ${describeOrigin(origins.of(path))}`;
}

function collectOrigins(value: unknown, path: Path, found: (path: Path, key: string) => void): void {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    for (const [index, item] of value.entries()) collectOrigins(item, [...path, index], found);
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, item] of Object.entries(value)) collectOrigins(item, [...path, key], found);
  } else found(path, pathText(path));
}
