import { expect } from 'vitest';
import { isFault, type Fault } from '../../../kit/fault.ts';
import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import type { TokenSource, UpstreamRequest } from '../../../node/providers/contract.ts';

/** A request's headers by name; each may be there once. */
export function headersOf(request: UpstreamRequest): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let at = 0; at < request.headers.length; at += 2) {
    const name = request.headers[at] ?? '';
    expect(pairs).not.toHaveProperty([name]);
    pairs[name] = request.headers[at + 1] ?? '';
  }
  return pairs;
}

export function bodyOf(request: UpstreamRequest): JsonObject {
  const body: unknown = JSON.parse(String(request.body));
  if (!isJsonObject(body)) throw new Error('is no object');
  return body;
}

/** The Fault that the action throws. */
export function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error('threw nothing');
}

/** A token that the test sets. */
export function tokenOf(
  access: string | undefined,
  extras: Record<string, string> = {},
): TokenSource & { access: string | undefined } {
  return {
    access,
    current() {
      return this.access;
    },
    extra: (name) => extras[name],
    get isUsable() {
      return this.access !== undefined;
    },
    refused: () => undefined,
  };
}
