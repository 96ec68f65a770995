import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, StreamEvent } from '../../../../node/conversation/contract.ts';
import { fold } from '../../../../node/conversation/fold.ts';
import { orderBreach } from '../../../../node/conversation/order-check.ts';
import { unfold } from '../../../../node/conversation/unfold.ts';
import { anthropicDialect } from '../../../../node/protocols/anthropic/index.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { encodeSse } from '../../../../node/wire/sse.ts';
import { anyAnswer, cutAt, encodeAll } from './answers.ts';

function decodeAll(chunks: readonly Buffer[]): StreamEvent[] {
  const decoder = anthropicDialect.openDecoder();
  const events: StreamEvent[] = [];
  for (const chunk of chunks) decoder.push(chunk, events);
  decoder.end(events);
  return events;
}

function sse(...events: Record<string, unknown>[]): Buffer {
  return Buffer.from(events.map((event) => encodeSse(String(event['type']), JSON.stringify(event))).join(''));
}

const started = {
  type: 'message_start',
  message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 9 } },
};

function typesOf(text: string): string[] {
  return [...text.matchAll(/^event: (.*)$/gm)].map((match) => match[1]!);
}

describe('Anthropic streams', () => {
  it('give the answer back that went in, cut anywhere', () => {
    fc.assert(
      fc.property(anyAnswer, fc.array(fc.nat(), { maxLength: 20 }), (answer: Answer, places) => {
        const events = decodeAll(cutAt(Buffer.from(encodeAll(unfold(answer))), places));
        expect(orderBreach(events)).toBeUndefined();
        expect(fold(events)).toEqual(answer);
      }),
      { numRuns: 300 },
    );
  });

  it('open one block at a time, number them without gaps, and close every one', () => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        let open: number | undefined;
        let next = 0;
        for (const line of encodeAll(unfold(answer)).split('\n')) {
          if (!line.startsWith('data: ')) continue;
          const event = JSON.parse(line.slice(6)) as { type: string; index: number };
          if (event.type === 'content_block_start') {
            expect([open, event.index]).toEqual([undefined, next++]);
            open = event.index;
          } else if (event.type === 'content_block_delta') expect(event.index).toBe(open);
          else if (event.type === 'content_block_stop') {
            expect(event.index).toBe(open);
            open = undefined;
          }
        }
        expect(open).toBeUndefined();
      }),
    );
  });
});

describe('the encoder', () => {
  it('puts an estimate of the input into message_start and the real count into message_delta', () => {
    const text = encodeAll(
      [
        { type: 'start', id: 'x', model: 'up' },
        { type: 'text', text: 'hi' },
        { type: 'finish', reason: 'stop' },
        { type: 'usage', usage: { inputTotal: 50, cacheRead: 20, outputTotal: 2 } },
      ],
      { estimatedInputTokens: 42, model: 'asked' },
    );
    expect(typesOf(text)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(text).toContain('"id":"msg_x"');
    expect(text).toContain('"model":"asked"');
    expect(text).toMatch(/message_start".*"input_tokens":42/);
    expect(text).toMatch(/message_delta".*"input_tokens":30,.*"cache_read_input_tokens":20,"output_tokens":2/);
  });

  it('gives unsigned thinking a mark, arguments to calls without any, and the right stop reason', () => {
    const text = encodeAll([
      { type: 'start', id: 'x', model: 'up' },
      { type: 'thinking', text: 'hm' },
      { type: 'tool_start', id: 'call:1', name: 'f' },
      { type: 'tool_end' },
      { type: 'finish', reason: 'stop' },
    ]);
    expect(text).toContain('"signature":"aiproxy0unsigned"');
    expect(text).toContain('"id":"call_1","name":"f","input":{}');
    expect(text).toContain('"partial_json":"{}"');
    expect(text).toContain('"stop_reason":"tool_use"');
  });

  it('says end_turn when calls were announced but none came', () => {
    expect(
      encodeAll([
        { type: 'start', id: 'x', model: 'm' },
        { type: 'finish', reason: 'tool_calls' },
      ]),
    ).toContain('"stop_reason":"end_turn"');
  });

  it('ends with an error event and nothing after it', () => {
    const fault = protocolFaults.upstream_truncated('cut');
    const text = encodeAll([
      { type: 'start', id: 'x', model: 'm' },
      { type: 'text', text: 'half' },
      { type: 'fault', fault },
    ]);
    expect(typesOf(text).at(-1)).toBe('error');
    expect(text).not.toContain('message_stop');
    expect(text).toContain('{"type":"error","error":{"type":"api_error","message":"cut"},"request_id":"r1"}');
  });
});

describe('the decoder', () => {
  it('keeps the input count of message_start when message_delta repeats less of it', () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 5, output_tokens: 1 };
    const events = decodeAll([
      sse(
        { type: 'message_start', message: { id: 'msg_1', model: 'm', usage } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 10, output_tokens: 7 } },
        { type: 'message_stop' },
      ),
    ]);
    expect(fold(events).usage).toEqual({ inputTotal: 115, cacheRead: 100, cacheWrite: 5, outputTotal: 7 });
  });

  it.each([
    ['nothing at all', Buffer.alloc(0)],
    ['a start alone', sse(started)],
    [
      'text without a stop reason',
      sse(started, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } }),
    ],
  ])('calls an answer cut that ends after %s', (_, bytes) => {
    expect(decodeAll([bytes]).at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_truncated' } });
  });

  it('takes an answer as complete that has a stop reason but no message_stop', () => {
    const events = decodeAll([
      sse(started, { type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 3 } }),
    ]);
    expect(events.at(-1)).toEqual({ type: 'finish', reason: 'length' });
  });

  it.each([
    ['overloaded_error', 'Overloaded', 'upstream_overloaded'],
    ['rate_limit_error', 'slow down', 'upstream_rate_limited'],
    ['invalid_request_error', 'prompt is too long: 2 > 1', 'context_too_long'],
    ['api_error', 'boom', 'upstream_error'],
    ['strange_error', 'boom', 'upstream_error'],
  ])('reads an error event of type %s', (type, message, code) => {
    const events = decodeAll([sse(started, { type: 'error', error: { type, message } }, { type: 'message_stop' })]);
    expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { code } });
  });

  it('takes events without names and types, arguments in the start, and calls without ids', () => {
    const block = { type: 'tool_use', name: 'f', input: { a: 1 } };
    const bytes = [
      started,
      { type: 'content_block_start', index: 2, content_block: block },
      { type: 'content_block_stop', index: 2 },
      { type: 'message_stop' },
    ]
      .map((event) => encodeSse(undefined, JSON.stringify(event)))
      .join('');
    const answer = fold(decodeAll([Buffer.from(bytes)]));
    expect(answer).toMatchObject({
      finish: 'tool_calls',
      parts: [{ type: 'tool_call', name: 'f', argumentsJson: '{"a":1}' }],
    });
    expect((answer.parts[0] as { id: string }).id).toMatch(/^toolu_\w+$/);
  });

  it('leaves out tools that the upstream carried out itself, and citations', () => {
    const events = decodeAll([
      sse(
        started,
        {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        },
        { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"query":"x"}' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'citations_delta', citation: {} } },
        { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'found' } },
        { type: 'content_block_stop', index: 1 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
        { type: 'message_stop' },
      ),
    ]);
    expect(orderBreach(events)).toBeUndefined();
    expect(fold(events)).toMatchObject({ finish: 'stop', parts: [{ type: 'text', text: 'found' }] });
  });

  it('makes a fault of what is not JSON', () => {
    expect(decodeAll([Buffer.from('event: message_start\ndata: <html>\n\n')])).toMatchObject([
      { type: 'fault', fault: { code: 'upstream_bad_answer' } },
    ]);
  });
});
