import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../kit/json.ts';
import { signatureMark } from '../../node/conversation/signature.ts';
import type { ProtocolId } from '../../node/protocols/contract.ts';
import { clientProtocols } from '../../node/protocols/registry.ts';
import { carriedFields, refusedFields } from '../../node/protocols/openai-chat/schema.ts';

const page = (name: string) => readFileSync(resolve(import.meta.dirname, '../../docs', name), 'utf8');

/** Said in the introduction, or the same for every protocol. */
const ownWords = new Set(['model', 'stream', 'functions', 'function_call', 'presence_penalty', 'frequency_penalty']);

it('has a page for every client protocol, and points to it', () => {
  for (const id of Object.keys(clientProtocols)) {
    expect(page('protocols.md')).toContain(`(protocols/${id}.md)`);
    expect(page(`protocols/${id}.md`)).toContain('## ');
  }
});

it('names every field of Chat Completions that is carried or refused', () => {
  const text = page('protocols/openai-chat.md');
  const fields = [...carriedFields, ...Object.keys(refusedFields)].filter((field) => !ownWords.has(field));
  expect(fields.filter((field) => !text.includes(`\`${field}`) && !text.includes(`${field}\``))).toEqual([]);
});

function decode(id: ProtocolId, body: JsonObject) {
  const messages = [{ role: 'user', content: 'x' }];
  return clientProtocols[id].decodeRequest({ messages, ...body }, { model: 'm', stream: false });
}

it.each<[ProtocolId, JsonObject, string]>([
  ['anthropic', { mcp_servers: [{}] }, 'mcp_servers'],
  ['anthropic', { tools: [{ type: 'bash_20250124', name: 'bash' }] }, 'bash_'],
  ['openai-chat', { n: 2 }, '`n`'],
  ['openai-responses', { input: [{ type: 'item_reference', id: 'x' }] }, 'item_reference'],
  ['openai-responses', { input: 'x', previous_response_id: 'r' }, 'previous_response_id'],
  ['gemini', { contents: [{ parts: [{ text: 'x' }] }], cachedContent: 'c' }, 'cachedContent'],
])('%s refuses what its page says: %j', (id, body, word) => {
  expect(() => decode(id, body)).toThrow(expect.objectContaining({ code: 'unsupported_field' }));
  expect(page(`protocols/${id}.md`).split('# Refused')[1]).toContain(word);
});

it.each<[ProtocolId, JsonObject, string[]]>([
  ['anthropic', { metadata: { user_id: 'u' }, service_tier: 'auto' }, ['metadata', 'service_tier']],
  ['openai-chat', { logit_bias: { 1: 2 }, user: 'u' }, ['logit_bias', 'user']],
  ['openai-responses', { input: 'x', metadata: { a: 'b' }, user: 'u' }, ['metadata', 'user']],
  ['gemini', { contents: [{ parts: [{ text: 'x' }] }], safetySettings: [{}] }, ['safetySettings']],
])('%s drops what its page says: %j', (id, body, names) => {
  expect(decode(id, body).dropped).toEqual(expect.arrayContaining(names));
  const said = page(`protocols/${id}.md`).split('# Dropped')[1] ?? '';
  for (const name of names) expect(said).toContain(`\`${name}`);
});

it('knows the marks of signatures as they are', () => {
  expect(
    page('protocols.md')
      .match(/aiproxy0\w{8}/g)
      ?.every((mark) => mark.startsWith(signatureMark)),
  ).toBe(true);
});
