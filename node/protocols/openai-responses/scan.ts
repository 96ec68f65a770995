import { JsonScanner } from '../../wire/json-scan.ts';
import { jsonKind } from '../../wire/json-tokens.ts';
import { AnswerScan } from '../answer-scan.ts';
import type { AnswerFacts, RequestEdits, RequestFacts } from '../contract.ts';
import {
  applySplices,
  emptyFacts,
  firstElement,
  hasMember,
  isTrueMember,
  memberSplice,
  noteModel,
  nullSplice,
  scanBody,
  type Span,
  type Splice,
  stringMember,
} from '../request-scan.ts';
import { decodeUsage } from './usage.ts';

const requestKeys = ['model', 'stream', 'prompt_cache_key', 'input', 'max_output_tokens'];
const [model, stream, promptCacheKey, input, maxOutputTokens] = [0, 1, 2, 3, 4] as const;
const request = new JsonScanner(requestKeys);
const item = new JsonScanner(['role']);

export function scanRequest(body: Buffer, notesAffinity = true): RequestFacts {
  scanBody(request, body);
  const facts = emptyFacts(request.rootStart + 1);
  noteModel(request, model, body, facts);
  facts.stream = isTrueMember(request, stream);
  facts.session = stringMember(request, promptCacheKey, body);
  facts.usesPromptCache = facts.session !== undefined;
  facts.hasMaxTokens = hasMember(request, maxOutputTokens);
  if (!notesAffinity) return facts;
  const first = firstInput(body);
  facts.affinityStart = first?.start ?? 0;
  facts.affinityEnd = first?.end ?? 0;
  return facts;
}

/** The text itself, or the first item that a user wrote. */
function firstInput(body: Buffer): Span | undefined {
  const kind = request.kind(input);
  if (kind === jsonKind.string) return { start: request.start(input), end: request.end(input) };
  if (kind !== jsonKind.array) return undefined;
  return firstElement(item, body, request.start(input), (item) => stringMember(item, 0, body) === 'user');
}

export function editRequest(body: Buffer, facts: RequestFacts, edits: RequestEdits): Buffer {
  const added: string[] = [];
  const splices: Splice[] = [];
  if (edits.model !== undefined && edits.model !== facts.model) {
    const name = JSON.stringify(edits.model);
    if (facts.modelEnd === 0) added.push(`"model":${name}`);
    else splices.push({ start: facts.modelStart, end: facts.modelEnd, text: name });
  }
  if (edits.maxTokens !== undefined && !facts.hasMaxTokens) {
    const atNull = nullSplice(request, maxOutputTokens, body, `${edits.maxTokens}`);
    if (atNull === undefined) added.push(`"max_output_tokens":${edits.maxTokens}`);
    else splices.push(atNull);
  }
  if (added.length > 0) splices.push(memberSplice(body, facts.bodyStart, added.join(',')));
  return applySplices(body, splices);
}

const answer = new AnswerScan('model', 'usage', decodeUsage);

export function scanAnswer(body: Buffer): AnswerFacts {
  return answer.read(body);
}

export function renameAnswer(body: Buffer, _from: string, to: string): Buffer {
  return answer.rename(body, to);
}
