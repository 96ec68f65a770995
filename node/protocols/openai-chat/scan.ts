import { isJsonObject, type Json } from '../../../kit/json.ts';
import { JsonScanner } from '../../wire/json-scan.ts';
import { jsonKind } from '../../wire/json-tokens.ts';
import { stringAt } from '../../wire/json-read.ts';
import { AnswerScan } from '../answer-scan.ts';
import type { AnswerFacts, RequestEdits, RequestFacts } from '../contract.ts';
import {
  applySplices,
  emptyFacts,
  firstElement,
  hasMember,
  isTrueMember,
  memberSplice,
  modelSplice,
  noteModel,
  nullSplice,
  scanBody,
  type Splice,
  stringMember,
} from '../request-scan.ts';
import { usesMaxCompletionTokens } from './model-family.ts';
import { decodeUsage } from './usage.ts';

const key = { model: 0, stream: 1, streamOptions: 2, maxTokens: 3, maxCompletionTokens: 4, cacheKey: 5, messages: 6 };
const requestScanner = new JsonScanner([
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'prompt_cache_key',
  'messages',
]);
const roleScanner = new JsonScanner(['role']);
const cacheMark = Buffer.from('"cache_control"');

/** Facts of a Chat Completions (or embeddings) body, read off its bytes. Throws `invalid_json`. */
export function scanRequest(body: Buffer, notesAffinity = true): RequestFacts {
  scanBody(requestScanner, body);
  const facts = emptyFacts(requestScanner.rootStart + 1);
  const session = stringMember(requestScanner, key.cacheKey, body);
  noteModel(requestScanner, key.model, body, facts);
  facts.stream = isTrueMember(requestScanner, key.stream);
  facts.hasMaxTokens = hasMember(requestScanner, key.maxTokens) || hasMember(requestScanner, key.maxCompletionTokens);
  facts.session = session;
  // OpenRouter and LiteLLM clients mark cache points as Anthropic does.
  facts.usesPromptCache = session !== undefined || body.includes(cacheMark);
  noteStreamOptions(facts, body);
  if (notesAffinity || (facts.usesPromptCache && session === undefined)) noteAffinity(facts, body);
  return facts;
}

function noteStreamOptions(facts: RequestFacts, body: Buffer): void {
  facts.streamOptionsStart = requestScanner.start(key.streamOptions);
  facts.streamOptionsEnd = requestScanner.end(key.streamOptions);
  const options = valueAt(body, facts.streamOptionsStart, facts.streamOptionsEnd);
  facts.includesUsage = isJsonObject(options) && options['include_usage'] === true;
}

function noteAffinity(facts: RequestFacts, body: Buffer): void {
  if (requestScanner.kind(key.messages) !== jsonKind.array) return;
  const span = firstElement(roleScanner, body, requestScanner.start(key.messages), (message) => {
    return message.kind(0) === jsonKind.string && stringAt(body, message.start(0), message.end(0)) === 'user';
  });
  facts.affinityStart = span?.start ?? 0;
  facts.affinityEnd = span?.end ?? 0;
}

/** The body with the edits spliced in; the same buffer when there are none. */
export function editRequest(body: Buffer, facts: RequestFacts, edits: RequestEdits): Buffer {
  const splices: Splice[] = [];
  const members: string[] = [];
  if (edits.model !== undefined && edits.model !== facts.model) {
    if (facts.modelEnd === 0) members.push(`"model":${JSON.stringify(edits.model)}`);
    else splices.push(modelSplice(body, facts, edits.model));
  }
  if (edits.maxTokens !== undefined && !facts.hasMaxTokens) {
    const isNew = usesMaxCompletionTokens(edits.model ?? facts.model);
    const atNull = nullSplice(
      requestScanner,
      isNew ? key.maxCompletionTokens : key.maxTokens,
      body,
      `${edits.maxTokens}`,
    );
    if (atNull === undefined) members.push(`"${isNew ? 'max_completion_tokens' : 'max_tokens'}":${edits.maxTokens}`);
    else splices.push(atNull);
  }
  if (edits.includeUsage === true && !facts.includesUsage) addUsage(body, facts, splices, members);
  // Members that are put in front share one place, so they go in as one piece.
  if (members.length > 0) splices.push(memberSplice(body, facts.bodyStart, members.join(',')));
  return applySplices(body, splices);
}

function addUsage(body: Buffer, facts: RequestFacts, splices: Splice[], members: string[]): void {
  const start = facts.streamOptionsStart;
  const end = facts.streamOptionsEnd;
  const options = valueAt(body, start, end);
  const text = JSON.stringify({ ...(isJsonObject(options) ? options : {}), include_usage: true });
  if (end === 0) members.push(`"stream_options":${text}`);
  else splices.push({ start, end, text });
}

const answer = new AnswerScan('model', 'usage', decodeUsage);

/** See the contract. */
export function scanAnswer(body: Buffer): AnswerFacts {
  return answer.read(body);
}

/** See the contract. */
export function renameAnswer(body: Buffer, _from: string, to: string): Buffer {
  return answer.rename(body, to);
}

/** The value at a span of proven JSON; undefined for an absent one. */
function valueAt(body: Buffer, start: number, end: number): Json | undefined {
  return end === 0 ? undefined : (JSON.parse(body.toString('utf8', start, end)) as Json);
}
