import * as fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it, test } from 'vitest';
import { estimatePrompt } from '../../../node/forward/estimate-prompt.ts';
import { answerText, answerTokens, RelayedBytes, RelayedText } from '../../../node/forward/relay/relayed-tokens.ts';
import { UsageInTail } from '../../../node/forward/relay/usage-in-tail.ts';
import { clientProtocols } from '../../../node/protocols/registry.ts';

const sentence = 'The proxy forwards what the model says, and nothing of what it costs to say it is added on the way. ';
const pieces = Array.from({ length: 200 }, (_, at) => sentence.slice((at * 7) % 90, ((at * 7) % 90) + 9));
const tokens = countTokens(pieces.join(''));

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;

/** One event for a piece of text, as each protocol has it. */
const events: Readonly<Record<string, (text: string) => string>> = {
  'openai-chat': (content) =>
    data({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  anthropic: (text) =>
    `event: content_block_delta\n${data({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}`,
  gemini: (text) => data({ candidates: [{ content: { role: 'model', parts: [{ text }] } }], modelVersion: 'm' }),
  'openai-responses': (delta) =>
    `event: response.output_text.delta\n${data({ type: 'response.output_text.delta', item_id: 'i', delta })}`,
  'a call’s arguments': (text) =>
    data({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: text } }] } }] }),
};

describe('an answer that goes by unread', () => {
  it.each(Object.entries(events))('%s: is estimated by its beginning, within a third', (_name, event) => {
    const relayed = new RelayedBytes();
    for (const piece of pieces) relayed.add(Buffer.from(event(piece)));
    expect(relayed.tokens()).toBeGreaterThan(tokens * 0.67);
    expect(relayed.tokens()).toBeLessThan(tokens * 1.33);
  });

  it('has none before there is any, and none in what cannot be read', () => {
    const relayed = new RelayedBytes();
    expect(relayed.tokens()).toBe(0);
    relayed.add(Buffer.from(': keepalive\n\nevent: x\ndata: [DONE]\n\n'));
    expect(relayed.tokens()).toBe(0);
  });

  it('is not told twice where a protocol tells its text again', () => {
    const whole = { type: 'response.output_text.done', text: 'hello' };
    const item = { type: 'response.output_item.done', item: { content: [{ text: 'hello' }] } };
    expect(answerText(events['openai-responses']!('hello') + data(whole) + data(item))).toBe('hello');
  });

  it('may be an array of chunks', () => {
    expect(
      answerText(
        '[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\n,\n{"candidates":[{"content":{"parts":[{"text":"b"}]}}]}\n]',
      ),
    ).toBe('ab');
  });

  test('texts that are known are estimated as well', () => {
    const relayed = new RelayedText();
    for (const piece of pieces) relayed.add(piece);
    expect(relayed.tokens()).toBeGreaterThan(tokens * 0.67);
    expect(relayed.tokens()).toBeLessThan(tokens * 1.33);
    expect(new RelayedText().tokens()).toBe(0);
  });

  it('may be nested as deep as it likes', () => {
    const deep = `{"choices":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(answerTokens(Buffer.from(deep))).toBe(0);
    expect(estimatePrompt(Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))).toBe(0);
    const input = `{"content":[{"input":${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}}]}`;
    expect(answerTokens(Buffer.from(input))).toBeGreaterThan(0);
  });

  it('never takes what is not an answer for one, and never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(answerText(text)).toBeTypeOf('string')));
    fc.assert(fc.property(fc.json(), (text) => void expect(answerTokens(Buffer.from(text))).toBeGreaterThanOrEqual(0)));
  });
});

describe('whole answers', () => {
  it.each([
    ['openai-chat', { choices: [{ message: { role: 'assistant', content: sentence } }], model: 'm' }],
    ['anthropic', { content: [{ type: 'text', text: sentence }], model: 'm' }],
    ['gemini', { candidates: [{ content: { parts: [{ text: sentence }] } }] }],
    [
      'openai-responses',
      {
        instructions: sentence.repeat(9),
        output: [{ type: 'message', content: [{ type: 'output_text', text: sentence }] }],
      },
    ],
    ['calls', { content: [{ type: 'tool_use', name: 'x', input: { what: sentence } }] }],
  ])('%s: what the model wrote, and not what is echoed', (_name, answer) => {
    const estimated = answerTokens(Buffer.from(JSON.stringify(answer)));
    expect(estimated).toBeGreaterThan(countTokens(sentence) * 0.67);
    expect(estimated).toBeLessThan(countTokens(sentence) * 1.6);
  });
});

describe('a prompt', () => {
  it('counts its texts, and an image as one', () => {
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(100_000)}` } };
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: sentence.repeat(20) }, image] }],
    };
    const text = countTokens(sentence.repeat(20));
    expect(estimatePrompt(Buffer.from(JSON.stringify(body)))).toBeGreaterThan(1500 + text * 0.67);
    expect(estimatePrompt(Buffer.from(JSON.stringify(body)))).toBeLessThan(1500 + text * 1.33 + 60);
  });

  it('that is no JSON, or too long to be read, goes by its length, within a bound', () => {
    expect(estimatePrompt(Buffer.from('\0'.repeat(350)))).toBe(100);
    expect(estimatePrompt(Buffer.alloc(10_000_000, '{'))).toBe(200_000);
  });
});

describe('the usage of an answer that is not held', () => {
  const answers = {
    'openai-chat': { usage: { prompt_tokens: 5, completion_tokens: 6, prompt_tokens_details: { cached_tokens: 2 } } },
    anthropic: { usage: { input_tokens: 5, output_tokens: 6 } },
    gemini: { usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 6 } },
    'openai-responses': { usage: { input_tokens: 5, output_tokens: 6 } },
  } as const;

  it.each(Object.keys(answers) as (keyof typeof answers)[])('%s: is found at its end, wherever it is cut', (id) => {
    const body = Buffer.from(JSON.stringify({ text: 'é"usage"{'.repeat(4000), ...answers[id], service_tier: 'x' }));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: body.length })), (cuts) => {
        const tail = new UsageInTail(clientProtocols[id]);
        const bounds = [0, ...cuts.toSorted((left, right) => left - right), body.length];
        for (let at = 1; at < bounds.length; at++) tail.push(body.subarray(bounds[at - 1], bounds[at]));
        expect(tail.usage()).toMatchObject({ inputTotal: 5, outputTotal: 6 });
      }),
      { numRuns: 30 },
    );
  });

  it('is none where there is none, or half of one', () => {
    for (const text of ['', '{}', '{"usage":null}', '{"usage":{"prompt_tokens":5', '"usage"}}}{']) {
      const tail = new UsageInTail(clientProtocols['openai-chat']);
      tail.push(Buffer.from(text));
      expect(tail.usage()).toEqual({});
    }
  });
});
