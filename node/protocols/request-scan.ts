/** Pieces that the request scanners of all dialects share: proving the body, reading members, splicing edits in. */
import { eachElement, stringAt } from '../wire/json-read.ts';
import type { JsonScanner } from '../wire/json-scan.ts';
import { jsonKind } from '../wire/json-tokens.ts';
import type { RequestFacts } from './contract.ts';
import { protocolFaults } from './faults.ts';

/** Proves that the body is JSON with an object at its root and notes the scanner's keys; throws `invalid_json`. */
export function scanBody(scanner: JsonScanner, body: Buffer): void {
  if (body.length === 0) throw protocolFaults.invalid_json('the request body is empty');
  if (!scanner.scan(body)) throw protocolFaults.invalid_json(`the request body is not valid JSON: ${scanner.error}`);
  if (scanner.rootKind !== jsonKind.object) throw protocolFaults.invalid_json('the request body must be a JSON object');
}

/** Facts of a request that says nothing. */
export function emptyFacts(bodyStart: number): RequestFacts {
  return {
    model: '',
    stream: false,
    usesPromptCache: false,
    session: undefined,
    affinityStart: 0,
    affinityEnd: 0,
    modelStart: 0,
    modelEnd: 0,
    hasMaxTokens: false,
    bodyStart,
    includesUsage: false,
    streamOptionsStart: 0,
    streamOptionsEnd: 0,
  };
}

/** The key's value when it is a string. */
export function stringMember(scanner: JsonScanner, index: number, body: Buffer): string | undefined {
  if (scanner.kind(index) !== jsonKind.string) return undefined;
  return stringAt(body, scanner.start(index), scanner.end(index));
}

/** Notes the model and where it stands; an empty name or one of a wrong type has its place too, for an edit to replace. */
export function noteModel(scanner: JsonScanner, index: number, body: Buffer, facts: RequestFacts): void {
  facts.model = stringMember(scanner, index, body) ?? '';
  facts.modelStart = scanner.start(index);
  facts.modelEnd = scanner.end(index);
}

/** An answer with the string at one of its members replaced; what is not such an answer stays as it is. */
export function renameMember(scanner: JsonScanner, index: number, body: Buffer, to: string): Buffer {
  if (!scanner.scan(body) || scanner.kind(index) !== jsonKind.string) return body;
  return applySplices(body, [{ start: scanner.start(index), end: scanner.end(index), text: JSON.stringify(to) }]);
}

/** Whether the key's value is `true`. */
export function isTrueMember(scanner: JsonScanner, index: number): boolean {
  return scanner.kind(index) === jsonKind.true;
}

/** Whether the key is there with a value other than null. */
export function hasMember(scanner: JsonScanner, index: number): boolean {
  const kind = scanner.kind(index);
  return kind !== jsonKind.absent && kind !== jsonKind.null;
}

/** Where the first of these keys stands that is there with a null; undefined where none is. */
export function nullMember(scanner: JsonScanner, indices: readonly number[]): Span | undefined {
  const index = indices.find((each) => scanner.kind(each) === jsonKind.null);
  return index === undefined ? undefined : { start: scanner.start(index), end: scanner.end(index) };
}

/**
 * Gives a key of the root object a value, in the place of a null: put in front of it, the value would be overruled, since
 * most parsers take the last of two members with one name. Answers undefined where there is no null; scans the body anew.
 */
export function nullSplice(scanner: JsonScanner, index: number, body: Buffer, text: string): Splice | undefined {
  scanner.scan(body);
  const span = nullMember(scanner, [index]);
  return span && { ...span, text };
}

/** Where a span has been found; one array element or one member. */
export interface Span {
  start: number;
  end: number;
}

/** The first element of the array at `start` for which `scanner`, scanning it as an object, satisfies `isWanted`. */
export function firstElement(
  scanner: JsonScanner,
  body: Buffer,
  start: number,
  isWanted: (scanner: JsonScanner) => boolean,
): Span | undefined {
  let found: Span | undefined;
  eachElement(body, start, (elementStart, elementEnd) => {
    scanner.scan(body, elementStart, elementEnd);
    if (scanner.rootKind === jsonKind.object && isWanted(scanner)) found = { start: elementStart, end: elementEnd };
    return found === undefined;
  });
  return found;
}

/** A piece of text that takes the place of the bytes from `start` to `end`. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

const commaBytes = Buffer.from(',');

/** The body with all splices applied, which must not overlap; the same buffer when there are none. */
export function applySplices(body: Buffer, splices: readonly Splice[]): Buffer {
  if (splices.length === 0) return body;
  const pieces: Buffer[] = [];
  let from = 0;
  let before: Splice | undefined;
  for (const splice of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    // Two members put into an empty object: neither knew that the other would need a comma.
    if (before?.start === splice.start && splice.end === splice.start && !before.text.endsWith(',')) {
      pieces.push(commaBytes);
    }
    pieces.push(body.subarray(from, splice.start), Buffer.from(splice.text));
    from = splice.end;
    before = splice;
  }
  pieces.push(body.subarray(from));
  return Buffer.concat(pieces);
}

/** Puts `"key":value` in front of the root object's members. */
export function memberSplice(body: Buffer, bodyStart: number, member: string): Splice {
  const isEmptyObject = /^\s*\}/.test(body.toString('latin1', bodyStart, bodyStart + 64));
  return { start: bodyStart, end: bodyStart, text: isEmptyObject ? member : `${member},` };
}

/** Replaces the model's name, or adds it where the body has none. */
export function modelSplice(body: Buffer, facts: RequestFacts, model: string): Splice {
  const text = JSON.stringify(model);
  if (facts.modelEnd === 0) return memberSplice(body, facts.bodyStart, `"model":${text}`);
  return { start: facts.modelStart, end: facts.modelEnd, text };
}
