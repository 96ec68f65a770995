import type { IncomingMessage } from 'node:http';
import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { refuseBare } from './errors.ts';

/**
 * The portal's gate: the first message is the one and only system message, and its content is an array of text parts
 * with a mark of the prompt cache.
 */
export function checkSystemGate(body: JsonObject): void {
  const messages = (Array.isArray(body.messages) ? body.messages : []).filter(isJsonObject);
  const systems = messages.filter((message) => message.role === 'system' || message.role === 'developer');
  if (systems.length !== 1 || systems[0] !== messages[0]) refuseBare();
  const content = systems[0]?.content;
  if (!Array.isArray(content) || content.length === 0) return refuseBare();
  for (const part of content) {
    if (!isJsonObject(part) || part.type !== 'text' || typeof part.text !== 'string' || part.text === '') refuseBare();
  }
  if (!content.some((part) => isJsonObject(part) && isJsonObject(part.cache_control))) refuseBare();
}

/** The four headers by which the portal knows its own client. */
export function checkPortalHeaders({ headers }: IncomingMessage): void {
  const agent = String(headers['user-agent']);
  if (!/^QwenCode\/\d+\.\d+\.\d+ \([a-z0-9]+; [a-z0-9_]+\)$/.test(agent)) refuseBare();
  if (headers['x-dashscope-useragent'] !== agent) refuseBare();
  if (headers['x-dashscope-cachecontrol'] !== 'enable') refuseBare();
  if (headers['x-dashscope-authtype'] !== 'qwen-oauth') refuseBare();
}

/** Model Studio's door is not for logins. */
export function checkKeyHeaders({ headers }: IncomingMessage): void {
  if (headers['x-dashscope-authtype'] !== undefined) refuseBare();
}
