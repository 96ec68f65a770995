import { cacheFaults } from '../faults.ts';
import type { Answer, CacheLabel } from '../contract.ts';
import type { Entry } from '../entry.ts';
import { isRequestKey } from '../request-key.ts';
import { scopeValueLengthMax } from '../scope.ts';
import { tagLengthMax, tagsMax } from '../tags.ts';
import { droppedLengthMax, peerAnswerBytesMax } from './limits.ts';

/** An answer as it travels: body, dropped names, age. */
export interface WireAnswer {
  readonly answer: Answer;
  readonly ageMs: number;
}

/** "May I ask the upstream for this?" `id` is the asker's own number for it. */
export interface Claim {
  readonly id: number;
  readonly label: CacheLabel;
  readonly epoch: string;
}

/** What the owner answers, at once or later. */
export type Turn =
  /** Here is the answer. */
  | {
      readonly id: number;
      readonly word: 'hit';
      readonly epoch: string;
      readonly carried: WireAnswer;
      readonly label: CacheLabel;
    }
  /** Ask the upstream, others wait for you; somebody else asks already, wait; do as if I were not here. */
  | { readonly id: number; readonly word: 'go' | 'wait' | 'no' };

/** "This is the answer." */
export interface Put {
  readonly id: number;
  readonly label: CacheLabel;
  readonly epoch: string;
  readonly carried: WireAnswer;
}

/** "There will be no answer": the upstream failed, or its answer is for one client alone. */
export interface Pass {
  readonly id: number;
  readonly isUnshared: boolean;
}

export const kinds = { claim: 'cache.claim', turn: 'cache.turn', put: 'cache.put', pass: 'cache.pass' } as const;

/** No claim: a put that answers nobody's. */
export const noClaim = -1;

export function encodeClaim({ id, label, epoch }: Claim): unknown {
  return { n: id, ...labelFields(label), e: epoch };
}

export function decodeClaim(body: unknown): Claim {
  const fields = fieldsOf(body);
  return { id: idOf(fields['n']), label: labelOf(fields), epoch: epochOf(fields['e']) };
}

export function encodeHit(id: number, entry: Entry, epoch: string): unknown {
  return { n: id, r: 'hit', e: epoch, ...labelFields(entry), ...answerFields(entry) };
}

export function encodeTurn(id: number, word: 'go' | 'wait' | 'no'): unknown {
  return { n: id, r: word };
}

export function decodeTurn(body: unknown): Turn {
  const fields = fieldsOf(body);
  const id = idOf(fields['n']);
  const word = fields['r'];
  if (word === 'go' || word === 'wait' || word === 'no') return { id, word };
  if (word !== 'hit') throw malformed('an unknown word');
  return { id, word, epoch: epochOf(fields['e']), carried: answerOf(fields), label: labelOf(fields) };
}

export function encodePut(id: number, entry: Entry, epoch: string): unknown {
  return { n: id, e: epoch, ...labelFields(entry), ...answerFields(entry) };
}

export function decodePut(body: unknown): Put {
  const fields = fieldsOf(body);
  const id = fields['n'] === noClaim ? noClaim : idOf(fields['n']);
  return { id, label: labelOf(fields), epoch: epochOf(fields['e']), carried: answerOf(fields) };
}

export function encodePass({ id, isUnshared }: Pass): unknown {
  return { n: id, u: isUnshared };
}

export function decodePass(body: unknown): Pass {
  const fields = fieldsOf(body);
  return { id: idOf(fields['n']), isUnshared: fields['u'] === true };
}

function labelFields({ key, model, tags }: CacheLabel): object {
  return { k: key, m: model, t: tags };
}

function answerFields(entry: Entry): object {
  return { b: entry.body, d: entry.dropped, a: Math.round(entry.ageMs()) };
}

function fieldsOf(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw malformed('no map');
  return body as Record<string, unknown>;
}

function idOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed('no number of a claim');
  return value;
}

function epochOf(value: unknown): string {
  if (typeof value !== 'string' || value.length > 64) throw malformed('no epoch');
  return value;
}

function labelOf({ k: key, m: model, t: tags }: Record<string, unknown>): CacheLabel {
  if (!isRequestKey(key)) throw malformed('no key');
  if (typeof model !== 'string' || model.length > scopeValueLengthMax) throw malformed('no model');
  if (!Array.isArray(tags) || tags.length > tagsMax || !tags.every(isTag)) throw malformed('no tags');
  return { key, model, tags };
}

function isTag(value: unknown): value is string {
  return typeof value === 'string' && value.length <= tagLengthMax;
}

/** Header values must be ones: node:http would throw at others. */
const headerText = /^[\x20-\x7e]*$/;

function answerOf({ b: bytes, d: dropped, a: ageMs }: Record<string, unknown>): WireAnswer {
  if (!(bytes instanceof Uint8Array) || bytes.length > peerAnswerBytesMax) throw malformed('no body');
  if (typeof dropped !== 'string' || dropped.length > droppedLengthMax || !headerText.test(dropped)) {
    throw malformed('no list of dropped names');
  }
  if (typeof ageMs !== 'number' || !(ageMs >= 0)) throw malformed('no age');
  return { answer: { body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), dropped }, ageMs };
}

function malformed(what: string): Error {
  return cacheFaults.cache_message_malformed(`a member's message about the cache has ${what}`);
}
