import { isJsonObject } from '../../kit/json.ts';

const idNames = ['id', 'call_id', 'toolUseId'];

/** The tool that a request's history says a call was of, whatever the format; an id that is no call's is given back. */
export function nameOfCall(request: unknown, callId: string): string {
  return search(request, callId) ?? callId;
}

function search(value: unknown, callId: string): string | undefined {
  if (Array.isArray(value)) return first(value, callId);
  if (typeof value !== 'object' || value === null || !isJsonObject(value as never)) return undefined;
  const members = value as Record<string, unknown>;
  if (idNames.some((name) => members[name] === callId)) {
    const { name, function: said } = members as { name?: unknown; function?: { name?: unknown } };
    const found = name ?? said?.name;
    if (typeof found === 'string') return found;
  }
  return first(Object.values(members), callId);
}

function first(values: readonly unknown[], callId: string): string | undefined {
  for (const value of values) {
    const found = search(value, callId);
    if (found !== undefined) return found;
  }
  return undefined;
}
