import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { portableName } from '../portable-name.ts';

/**
 * The names of a request's tools that other upstreams do not take (Anthropic's may have 128 characters, OpenAI's 64),
 * by the name that they travel under; undefined when all of them travel as they are.
 */
export function toolNames(body: JsonObject): ReadonlyMap<string, string> | undefined {
  const names = new Map<string, string>();
  for (const tool of Array.isArray(body['tools']) ? body['tools'] : []) {
    const name = isJsonObject(tool) ? tool['name'] : undefined;
    if (typeof name !== 'string' || name === '') continue;
    const travelling = portableName(name);
    if (travelling !== name) names.set(travelling, name);
  }
  return names.size === 0 ? undefined : names;
}
