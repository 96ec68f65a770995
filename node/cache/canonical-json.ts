import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';

/**
 * The same text for the same JSON, whatever its whitespace, escapes and order of members. Undefined when JavaScript
 * cannot hold a number of it exactly: two documents could then look alike that are not.
 */
export function canonicalJson(value: Json): string | undefined {
  return isExact(value) ? JSON.stringify(sorted(value)) : undefined;
}

/** Significant digits that every double carries through text and back. */
const digitsMax = 15;

function isExact(value: Json | undefined): boolean {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) || (Math.abs(value) < Number.MAX_SAFE_INTEGER && hasFewDigits(value));
  }
  if (Array.isArray(value)) return value.every(isExact);
  if (!isJsonObject(value)) return true;
  for (const key in value) if (!isExact(value[key])) return false;
  return true;
}

/** Sign, point, exponent and leading zeros make the text a little longer than its digits. */
function hasFewDigits(value: number): boolean {
  const text = String(value);
  return text.length <= digitsMax || text.replace(/e.*$|\D/g, '').replace(/^0+/, '').length <= digitsMax;
}

/** Members in the order of their names; what is in order already is taken as it is. */
function sorted(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return sortedList(value);
  const names = Object.keys(value);
  let isSame = true;
  for (let at = 1; at < names.length; at++) {
    if ((names[at] ?? '') < (names[at - 1] ?? '')) isSame = false;
  }
  const members: JsonObject = {};
  for (const name of isSame ? names : names.sort()) {
    const member = sorted(value[name] ?? null);
    if (member !== value[name]) isSame = false;
    // Plain assignment would set the prototype.
    if (name === '__proto__') Object.defineProperty(members, name, { value: member, enumerable: true });
    else members[name] = member;
  }
  return isSame ? value : members;
}

function sortedList(list: readonly Json[]): Json[] {
  let isSame = true;
  const items = list.map((item) => {
    const own = sorted(item);
    if (own !== item) isSame = false;
    return own;
  });
  return isSame ? (list as Json[]) : items;
}
