import { isJsonObject, type Json } from '../../../../kit/json.ts';

/** Equal for calls of one tool with equal parameters, whatever the order of their members. `json`: an object's text. */
export function callKey(name: string, json: string): string {
  const sorted = (_: string, value: Json): Json => {
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  };
  return `${name} ${JSON.stringify(JSON.parse(json), sorted)}`;
}
