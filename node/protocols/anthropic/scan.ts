/** Reading and editing Anthropic requests and answers by their bytes, for upstreams that speak Anthropic too. */
import { eachElement } from '../../wire/json-read.ts';
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
  modelSplice,
  noteModel,
  nullSplice,
  scanBody,
  type Splice,
  stringMember,
} from '../request-scan.ts';
import { sessionIn } from './session.ts';
import { usageOf } from './schema.ts';

const request = new JsonScanner(['model', 'stream', 'messages', 'metadata', 'max_tokens']);
const [model, stream, messages, metadata, maxTokens] = [0, 1, 2, 3, 4];
const metadataScanner = new JsonScanner(['user_id']);
const message = new JsonScanner(['role', 'content']);
const block = new JsonScanner(['text']);
const cacheControl = Buffer.from('"cache_control"');

/** See the contract; throws `invalid_json`. */
export function scanRequest(body: Buffer, notesAffinity = true): RequestFacts {
  scanBody(request, body);
  const facts = emptyFacts(request.rootStart + 1);
  noteModel(request, model, body, facts);
  facts.stream = isTrueMember(request, stream);
  facts.hasMaxTokens = hasMember(request, maxTokens);
  facts.session = sessionOf(body);
  facts.usesPromptCache = facts.session !== undefined || body.includes(cacheControl);
  const isNoted = notesAffinity || (facts.usesPromptCache && facts.session === undefined);
  if (isNoted && request.kind(messages) === jsonKind.array) noteFirstPrompt(body, request.start(messages), facts);
  return facts;
}

function sessionOf(body: Buffer): string | undefined {
  if (request.kind(metadata) !== jsonKind.object) return undefined;
  metadataScanner.scan(body, request.start(metadata), request.end(metadata));
  const userId = stringMember(metadataScanner, 0, body);
  return userId === undefined ? undefined : sessionIn(userId);
}

/**
 * What stays equal over the turns is the text of the first user message: its last text block, since the first ones hold
 * reminders that many conversations share. Only the text: `cache_control` beside it moves on with every turn.
 */
function noteFirstPrompt(body: Buffer, messagesStart: number, facts: RequestFacts): void {
  const isUser = (scanner: JsonScanner) => stringMember(scanner, 0, body) === 'user';
  if (firstElement(message, body, messagesStart, isUser) === undefined) return;
  let start = message.start(1);
  let end = message.end(1);
  if (message.kind(1) === jsonKind.array) {
    eachElement(body, message.start(1), (elementStart, elementEnd) => {
      block.scan(body, elementStart, elementEnd);
      if (block.kind(0) === jsonKind.string) {
        start = block.start(0);
        end = block.end(0);
      }
      return true;
    });
  }
  facts.affinityStart = start;
  facts.affinityEnd = end;
}

/** See the contract. */
export function editRequest(body: Buffer, facts: RequestFacts, edits: RequestEdits): Buffer {
  const splices: Splice[] = [];
  if (edits.model !== undefined && edits.model !== facts.model) splices.push(modelSplice(body, facts, edits.model));
  if (edits.maxTokens !== undefined && !facts.hasMaxTokens) {
    const atNull = nullSplice(request, maxTokens, body, `${edits.maxTokens}`);
    splices.push(atNull ?? memberSplice(body, facts.bodyStart, `"max_tokens":${edits.maxTokens}`));
  }
  return applySplices(body, splices);
}

const answer = new AnswerScan('model', 'usage', usageOf);

/** See the contract. */
export function scanAnswer(body: Buffer): AnswerFacts {
  return answer.read(body);
}

/** See the contract. */
export function renameAnswer(body: Buffer, _from: string, to: string): Buffer {
  return answer.rename(body, to);
}
