import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';

/**
 * What a JSON pointer in a URL fragment (`#/$defs/a~1b`, RFC 6901 section 6) names within `root`; undefined for a name
 * that leads nowhere, an anchor, or another document.
 */
export function pointedAt(root: JsonObject, pointer: string): Json | undefined {
  if (pointer === '#') return root;
  if (!pointer.startsWith('#/')) return undefined;
  let place: Json | undefined = root;
  for (const step of pointer.slice(2).split('/')) {
    if (!isJsonObject(place) && !Array.isArray(place)) return undefined;
    const key = unescaped(step);
    place = Object.hasOwn(place, key) ? (place as JsonObject)[key] : undefined;
  }
  return place;
}

/** The fragment's escapes are the outer ones. */
function unescaped(step: string): string {
  return decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A percent sign that escapes nothing is part of the name.
    return step;
  }
}
