import { isJsonObject, type Json } from '../../../kit/json.ts';

/** Checks one value of a body; throws a Misshapen for what the service does not take. */
export type Shape = (value: Json | undefined, path: string) => void;

/** A value of the wrong type, an enum in the wrong case, or a field that there is not. */
export class Misshapen extends Error {}

const fail = (path: string, wanted: string): never => {
  throw new Misshapen(`${path}: ${wanted}`);
};

export const anything: Shape = () => undefined;

export const text: Shape = (value, path) => {
  if (typeof value !== 'string') fail(path, 'not a string');
};

export const flag: Shape = (value, path) => {
  if (typeof value !== 'boolean') fail(path, 'not a boolean');
};

export const record: Shape = (value, path) => {
  if (!isJsonObject(value)) fail(path, 'not an object');
};

export function number(min = -Infinity, max = Infinity): Shape {
  return (value, path) => {
    if (typeof value !== 'number' || value < min || value > max) fail(path, `not a number from ${min} to ${max}`);
  };
}

export function integer(min = -Infinity, max = Infinity): Shape {
  return (value, path) => {
    if (!Number.isInteger(value) || Number(value) < min || Number(value) > max)
      fail(path, `not a whole number from ${min} to ${max}`);
  };
}

/** Words to the letter: the service tells upper from lower case. */
export function oneOf(...words: readonly string[]): Shape {
  return (value, path) => {
    if (typeof value !== 'string' || !words.includes(value)) fail(path, `not one of ${words.join(' ')}`);
  };
}

export function matching(form: RegExp): Shape {
  return (value, path) => {
    if (typeof value !== 'string' || !form.test(value)) fail(path, `does not match ${form.source}`);
  };
}

export function list(item: Shape, countMax = Infinity, countMin = 0): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return fail(path, 'not a list');
    if (value.length > countMax || value.length < countMin) fail(path, `not ${countMin} to ${countMax} items`);
    for (const [index, each] of value.entries()) item(each, `${path}[${index}]`);
  };
}

/** A value that may be left out, or null. */
export function optional(shape: Shape): Shape {
  return (value, path) => {
    if (value !== undefined && value !== null) shape(value, path);
  };
}

/** An object with these fields and no other. */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, path) => {
    if (!isJsonObject(value)) return fail(path, 'not an object');
    for (const key of Object.keys(value)) if (!Object.hasOwn(shapes, key)) fail(`${path}.${key}`, 'unknown field');
    for (const [key, shape] of Object.entries(shapes)) shape(value[key], `${path}.${key}`);
  };
}

/** An object whose `key` says which fields it has. */
export function variants(key: string, shapes: Readonly<Record<string, Readonly<Record<string, Shape>>>>): Shape {
  return (value, path) => {
    const tag = isJsonObject(value) ? value[key] : fail(path, 'not an object');
    if (typeof tag !== 'string' || !Object.hasOwn(shapes, tag)) {
      return fail(`${path}.${key}`, `not one of ${Object.keys(shapes).join(' ')}`);
    }
    fields({ [key]: text, ...shapes[tag] })(value, path);
  };
}
