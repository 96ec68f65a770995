import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { clientProtocols } from '../../../node/protocols/registry.ts';
import type { ProtocolId } from '../../../node/protocols/contract.ts';

/** Members of an object as they stand, also those of one name. */
function countOf(text: string, name: string): number {
  return text.split(`"${name}"`).length - 1;
}

function edit(id: ProtocolId, body: string): { text: string; json: JsonObject } {
  const protocol = clientProtocols[id];
  const bytes = Buffer.from(body);
  const text = protocol.editRequest(bytes, protocol.scanRequest(bytes), { maxTokens: 7 }).toString();
  const json = JSON.parse(text) as Json;
  if (!isJsonObject(json)) throw new Error(text);
  return { text, json };
}

describe('a bound that is added', () => {
  const flat: [ProtocolId, string, string][] = [
    ['openai-chat', 'gpt-4o', 'max_tokens'],
    ['openai-chat', 'gpt-5', 'max_completion_tokens'],
    ['openai-responses', 'gpt-5', 'max_output_tokens'],
    ['anthropic', 'claude-sonnet-5-5', 'max_tokens'],
  ];
  const cases = flat.flatMap(([id, model, name]) => [
    [id, name, `{"model":"${model}","${name}":null}`] as const,
    [id, name, `{"${name}" : null , "model":"${model}","messages":[null]}`] as const,
    [id, name, `{"model":"${model}","${name.replace('m', String.raw`\u006d`)}":null}`] as const,
  ]);

  it.each(cases)('takes the place of a null in %s: %s in %s', (id, name, body) => {
    const { text, json } = edit(id, body);
    expect(json[name]).toBe(7);
    expect(countOf(text, name)).toBe(body.includes(name) ? 1 : 0);
  });

  it.each([
    ['{"model":"gpt-5","max_tokens":null}', 'max_completion_tokens'],
    ['{"model":"gpt-4o","max_completion_tokens":null}', 'max_tokens'],
    ['{"model":"gpt-4o","user":null}', 'max_tokens'],
  ])('goes in front of a null of another name: %s', (body, name) => {
    expect(edit('openai-chat', body).json[name]).toBe(7);
  });

  it.each([
    '{"generationConfig":null}',
    '{"generation_config":null,"contents":[]}',
    '{"generationConfig":{"maxOutputTokens":null}}',
    '{"generationConfig":{"topP":null,"maxOutputTokens" : null},"contents":[null]}',
    '{"generationConfig":{"topP":null}}',
    '{"contents":null}',
  ])('holds in Gemini: %s', (body) => {
    const { text, json } = edit('gemini', body);
    const config = json['generationConfig'] ?? json['generation_config'];
    expect(config).toMatchObject({ maxOutputTokens: 7 });
    expect(countOf(text, 'maxOutputTokens')).toBe(1);
    expect(countOf(text, 'generationConfig') + countOf(text, 'generation_config')).toBe(1);
  });

  it("replaces a null in Gemini's other way of writing", () => {
    const { text } = edit('gemini', '{"generation_config":{"max_output_tokens":null}}');
    expect(text).toBe('{"generation_config":{"max_output_tokens":7}}');
  });
});
