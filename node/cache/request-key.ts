import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../kit/json.ts';
import { canonicalJson } from './canonical-json.ts';
import type { CacheQuestion } from './contract.ts';

/** Longer bodies are not looked up: hashing 4 MiB takes several milliseconds, in which nobody else is served. */
export const keyedBodyBytesMax = 4 * 1024 * 1024;

/** Longer bodies are the same only byte for byte: putting them in order would take longer than a millisecond. */
export const canonicalBodyBytesMax = 64 * 1024;

/** Raised with every change of how a key is made, so that members of other versions never give wrong answers. */
const keyVersion = 1;

/**
 * Members that say who asks or how the answer travels, and nothing about what it is. Not so at Responses, whose answers
 * repeat `metadata`, `user` and the like.
 */
const idle: Readonly<Record<CacheQuestion['protocol'], readonly string[]>> = {
  anthropic: ['stream', 'metadata'],
  'openai-chat': [
    'stream',
    'stream_options',
    'user',
    'safety_identifier',
    'metadata',
    'prompt_cache_key',
    'prompt_cache_retention',
  ],
  'openai-responses': ['stream', 'stream_options'],
  gemini: [],
};

/**
 * Members by which a request changes something at the provider, so that giving an old answer would be wrong: an answer
 * to be stored there for later, one that is only begun, a conversation or container that goes on.
 */
const lasting: Readonly<Record<CacheQuestion['protocol'], readonly string[]>> = {
  anthropic: ['container'],
  'openai-chat': ['store'],
  'openai-responses': ['background', 'conversation'],
  gemini: [],
};

/** SHA-256 over everything that the answer depends on, base64url; undefined for a request that is not to be cached. */
export function requestKey(question: CacheQuestion, frame = frameOf(question)): string | undefined {
  const { body, protocol } = question;
  if (body.length > keyedBodyBytesMax) return undefined;
  if (body.length > canonicalBodyBytesMax) return changesSomething(question) ? undefined : keyOfBytes(frame, body);
  // What is not UTF-8 reads alike as text where its bytes differ.
  if (!isUtf8(body)) return keyOfBytes(frame, body);
  const parsed: unknown = JSON.parse(body.toString('utf8'));
  if (!isJsonObject(parsed) || lasting[protocol].some((name) => isSet(parsed[name]))) return undefined;
  const text = canonicalJson(withoutIdle(parsed, protocol));
  return text === undefined ? keyOfBytes(frame, body) : hash('sha256', `${frame}c${text}`, 'base64url');
}

/** Everything but the body. Lengths stand before what clients and people write, so that no two frames run together. */
export function frameOf(question: CacheQuestion): string {
  const { protocol, operation, tenant, modelAsked, modelServed, headers } = question;
  let frame = `${keyVersion} ${protocol} ${operation} ${headers.length} `;
  frame += `${tenant.length} ${tenant}${modelAsked.length} ${modelAsked}${modelServed.length} ${modelServed}`;
  for (const part of headers) frame += `${part.length} ${part}`;
  return frame;
}

/** Whether text has the form of a key. */
export function isRequestKey(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{43}$/.test(text);
}

function keyOfBytes(frame: string, body: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${frame}b`), body]), 'base64url');
}

/** A long body is not parsed; the name alone, wherever it stands, keeps it out of the cache. */
function changesSomething({ protocol, body }: CacheQuestion): boolean {
  return lasting[protocol].some((name) => body.includes(`"${name}"`));
}

function isSet(member: unknown): boolean {
  return member !== undefined && member !== null && member !== false;
}

function withoutIdle(body: JsonObject, protocol: CacheQuestion['protocol']): JsonObject {
  for (const name of idle[protocol]) delete body[name];
  return body;
}
