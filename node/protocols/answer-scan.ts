import type { JsonObject } from '../../kit/json.ts';
import type { Usage } from '../conversation/contract.ts';
import { JsonScanner } from '../wire/json-scan.ts';
import { jsonKind } from '../wire/json-tokens.ts';
import type { AnswerFacts } from './contract.ts';
import { renameMember } from './request-scan.ts';

const key = { error: 0, model: 1, usage: 2 } as const;

/** Reads complete answers of one dialect by their bytes: one scan proves the JSON and finds everything. */
export class AnswerScan {
  readonly #scanner: JsonScanner;
  readonly #decodeUsage: (usage: JsonObject) => Usage | undefined;

  /** Names of the root members that hold the model and the usage. */
  constructor(model: string, usage: string, decodeUsage: (usage: JsonObject) => Usage | undefined) {
    this.#scanner = new JsonScanner(['error', model, usage]);
    this.#decodeUsage = decodeUsage;
  }

  read(body: Buffer): AnswerFacts {
    const scanner = this.#scanner;
    if (!scanner.scan(body) || scanner.rootKind !== jsonKind.object) {
      return { isObject: false, hasError: false, usage: {} };
    }
    return { isObject: true, hasError: this.#hasError(body), usage: this.#usageOf(body) ?? {} };
  }

  /** OpenAI's Responses carry `"error": null` when all is well, and some servers `"error": {}` or `""`. */
  #hasError(body: Buffer): boolean {
    const kind = this.#scanner.kind(key.error);
    if (kind !== jsonKind.object && kind !== jsonKind.string) return false;
    const text = body.toString('latin1', this.#scanner.start(key.error), this.#scanner.end(key.error));
    return kind === jsonKind.string ? text !== '""' : !/^\{\s*\}$/.test(text);
  }

  /** The answer with its model's name replaced, whatever the upstream calls it (`gpt-4o` answers `gpt-4o-2024-08-06`). */
  rename(body: Buffer, to: string): Buffer {
    return renameMember(this.#scanner, key.model, body, to);
  }

  #usageOf(body: Buffer): Usage | undefined {
    if (this.#scanner.kind(key.usage) !== jsonKind.object) return undefined;
    // Counts and their names are ASCII; Latin-1 spares the decoding.
    const text = body.toString('latin1', this.#scanner.start(key.usage), this.#scanner.end(key.usage));
    return this.#decodeUsage(JSON.parse(text) as JsonObject);
  }
}
