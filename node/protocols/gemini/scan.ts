import { JsonScanner } from '../../wire/json-scan.ts';
import { jsonKind } from '../../wire/json-tokens.ts';
import { AnswerScan } from '../answer-scan.ts';
import type { AnswerFacts, RequestEdits, RequestFacts } from '../contract.ts';
import { MemberPath } from '../member-path.ts';
import {
  applySplices,
  emptyFacts,
  firstElement,
  hasMember,
  memberSplice,
  nullMember,
  scanBody,
  type Splice,
  stringMember,
} from '../request-scan.ts';
import { decodeUsage } from './answer-object.ts';

const requestKeys = ['contents', 'generationConfig', 'generation_config', 'cachedContent', 'cached_content'];
const [contents, config, snakeConfig, cached, snakeCached] = [0, 1, 2, 3, 4] as const;
const request = new JsonScanner(requestKeys);
const content = new JsonScanner(['role']);
const limits = new JsonScanner(['maxOutputTokens', 'max_output_tokens']);

/** Model and stream stand in the path, not in the body. */
export function scanRequest(body: Buffer, notesAffinity = true): RequestFacts {
  scanBody(request, body);
  const facts = emptyFacts(request.rootStart + 1);
  facts.usesPromptCache = hasMember(request, cached) || hasMember(request, snakeCached);
  if ((notesAffinity || facts.usesPromptCache) && request.kind(contents) === jsonKind.array) {
    const first = firstElement(content, body, request.start(contents), isUsers(body));
    facts.affinityStart = first?.start ?? 0;
    facts.affinityEnd = first?.end ?? 0;
  }
  facts.hasMaxTokens = hasLimit(body);
  return facts;
}

/** A content without a role is the user's. */
function isUsers(body: Buffer): (scanner: JsonScanner) => boolean {
  return (scanner) => !hasMember(scanner, 0) || stringMember(scanner, 0, body) === 'user';
}

function hasLimit(body: Buffer): boolean {
  const key = configKey();
  if (key === undefined) return false;
  limits.scan(body, request.start(key), request.end(key));
  return hasMember(limits, 0) || hasMember(limits, 1);
}

function configKey(): number | undefined {
  if (request.kind(config) === jsonKind.object) return config;
  return request.kind(snakeConfig) === jsonKind.object ? snakeConfig : undefined;
}

/** The name goes upstream in the path, so only a bound on the output can need an edit. */
export function editRequest(body: Buffer, facts: RequestFacts, edits: RequestEdits): Buffer {
  if (edits.maxTokens === undefined || facts.hasMaxTokens) return body;
  request.scan(body);
  return applySplices(body, [limitSplice(body, facts, edits.maxTokens)]);
}

/** A null gives up its place: put in front of it the bound would be overruled. */
function limitSplice(body: Buffer, facts: RequestFacts, maxTokens: number): Splice {
  const limit = `"maxOutputTokens":${maxTokens}`;
  const key = configKey();
  if (key === undefined) {
    const absent = nullMember(request, [config, snakeConfig]);
    return absent === undefined
      ? memberSplice(body, facts.bodyStart, `"generationConfig":{${limit}}`)
      : { ...absent, text: `{${limit}}` };
  }
  limits.scan(body, request.start(key), request.end(key));
  const own = nullMember(limits, [0, 1]);
  return own === undefined ? memberSplice(body, request.start(key) + 1, limit) : { ...own, text: String(maxTokens) };
}

export const modelMember = new MemberPath('modelVersion');
const answer = new AnswerScan('modelVersion', 'usageMetadata', decodeUsage);

export function scanAnswer(body: Buffer): AnswerFacts {
  return answer.read(body);
}

export function renameAnswer(body: Buffer, _from: string, to: string): Buffer {
  return answer.rename(body, to);
}
