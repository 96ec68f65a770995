import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../../kit/json.ts';
import { encoded, lakeTool, whole } from './oci-chat.ts';

const from = encoded('xai.grok-4', { tools: [lakeTool] });

function answered(choice: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    modelId: 'xai.grok-4',
    modelVersion: '1.0.0',
    chatResponse: { apiFormat: 'GENERIC', timeCreated: '2026-01-05T10:00:00.000Z', choices: [choice], ...more },
  };
}

describe('a whole GENERIC answer', () => {
  it('is read with thoughts, text, calls and usage', () => {
    const body = answered(
      {
        index: 0,
        finishReason: 'tool_calls',
        message: {
          role: 'ASSISTANT',
          content: [{ type: 'TEXT', text: 'I look.' }],
          reasoningContent: 'A lake.',
          toolCalls: [{ id: 'call_7', type: 'FUNCTION', name: 'lake_info', arguments: '{"lake":"Bled"}' }],
        },
      },
      {
        usage: {
          promptTokens: 40,
          completionTokens: 21,
          totalTokens: 61,
          promptTokensDetails: { cachedTokens: 0 },
          completionTokensDetails: { reasoningTokens: 9 },
        },
      },
    );
    expect(whole(from, body)).toEqual({
      id: expect.stringMatching(/^\w{20}$/) as string,
      model: 'xai.grok-4',
      parts: [
        { type: 'thinking', text: 'A lake.' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_call', id: 'call_7', name: 'lake_info', argumentsJson: '{"lake":"Bled"}' },
      ],
      finish: 'tool_calls',
      usage: { inputTotal: 40, cacheRead: 0, outputTotal: 21, reasoning: 9 },
    });
  });

  it.each([
    [{ finishReason: 'length' }, 'length'],
    [{ finishReason: 'length', message: {} }, 'length'],
    [{ message: { content: null } }, 'stop'],
    [{ message: { content: [{ type: 'TEXT' }] }, finishReason: null }, 'stop'],
    [{ finishReason: 'content_filter', message: { content: [] } }, 'refusal'],
  ])('may lack anything: %o', (choice, finish) => {
    expect(whole(from, answered(choice))).toMatchObject({ parts: [], finish, usage: {} });
  });

  it.each([
    [{}],
    [{ chatResponse: { choices: [] } }],
    [{ chatResponse: { choices: [null] } }],
    [{ modelId: 'x', chatResponse: null }],
  ])('is none in %o', (body) => {
    expect(() => whole(from, body)).toThrow(expect.objectContaining({ code: 'upstream_bad_answer' }));
  });

  it('is none where the body is not JSON', () => {
    expect(() => from.reader.decodeAnswer(Buffer.from('<html>'))).toThrow(
      expect.objectContaining({ code: 'upstream_bad_answer' }),
    );
  });

  it('may be an error in disguise', () => {
    expect(() => whole(from, { code: 'TooManyRequests', message: 'slow' })).toThrow(
      expect.objectContaining({ code: 'upstream_rate_limited' }),
    );
    expect(() => whole(from, answered({ finishReason: 'error' }, { errorMessage: 'died' }))).toThrow(/died/);
  });
});
