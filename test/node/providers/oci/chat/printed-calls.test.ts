import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../../node/conversation/contract.ts';
import { fold } from '../../../../../node/conversation/fold.ts';
import { decode, encoded, lakeTool, sse, streamed, whole } from './oci-chat.ts';

const fields: Partial<Conversation> = { stream: true, tools: [lakeTool] };
const from = encoded('meta.llama-3.3-70b-instruct', fields);
const call = '{"type":"function","name":"lake_info","parameters":{"lake":"Bled"}}';
const piece = (text: string) => ({ message: { content: [{ type: 'TEXT', text }] } });
const end = { finishReason: 'stop' };

function said(text: string, reader = from): unknown[] {
  const { parts, finish } = streamed(reader, ...Array.from(text, piece), end);
  expect(whole(reader, { chatResponse: { choices: [{ ...piece(text), ...end }] } }).finish).toBe(finish);
  const shown = parts.map((part) => (part.type === 'tool_call' ? [part.name, part.argumentsJson] : part));
  return [...shown.map((part) => (Array.isArray(part) ? part : (part as { text: string }).text)), finish];
}

describe('calls that Llama prints', () => {
  const made = ['lake_info', '{"lake":"Bled"}'];

  it.each<[string, unknown[]]>([
    [call, [made, 'tool_calls']],
    [` \n${call}\n`, [made, 'tool_calls']],
    [`<tool_call>${call}</tool_call>`, [made, 'tool_calls']],
    [
      `I look.<tool_call>\n${call}\n</tool_call>\n<tool_call>${call}</tool_call> `,
      ['I look.', made, made, 'tool_calls'],
    ],
    [`<tool_call>${call}</tool_call> Done`, [made, ' Done', 'tool_calls']],
    [`<tool_call>${call}`, [made, 'tool_calls']],
    ['<tool_call>{"name":"lake_info","arguments":"{}"}</tool_call>', [['lake_info', '{}'], 'tool_calls']],
  ])('become calls: %s', (text, expected) => {
    expect(said(text)).toEqual(expected);
  });

  it.each([
    `So: ${call}`,
    `${call} is a call`,
    '{"name":"other","parameters":{}}',
    '<tool_call>{"name":"other"}</tool_call>',
    `<tool_call>${call.slice(0, -1)}`,
    'a <tool_ca b < c',
    'a <tool_',
    '{"lake":',
    '  ',
  ])('stay text where they are none: %s', (text) => {
    expect(said(text)).toEqual([text, 'stop']);
  });

  it('stay text where no call may be made, and with other models', () => {
    const model = 'meta.llama-3.3-70b-instruct';
    expect(said(call, encoded(model, { ...fields, toolChoice: { type: 'none' } }))).toEqual([call, 'stop']);
    expect(said(call, encoded(model, { ...fields, outputFormat: { type: 'json' } }))).toEqual([call, 'stop']);
    expect(said(call, encoded(model, { stream: true }))).toEqual([call, 'stop']);
    expect(said(call, encoded('xai.grok-4', fields))).toEqual([call, 'stop']);
  });

  it('go with calls that are made, and are held no longer than a bound', () => {
    const real = { message: { toolCalls: [{ id: 'a', name: 'lake_info', arguments: '{}' }] } };
    expect(streamed(from, piece('{"x'), real, end).parts).toMatchObject([{ text: '{"x' }, { id: 'a' }]);
    const long = `{"x":"${'y'.repeat(70_000)}`;
    expect(decode(from, sse(piece(long)))[1]).toEqual({ type: 'text', text: long });
  });

  it('do not depend on how the text is cut', () => {
    const bit = fc.constantFrom('<tool_call>', '</tool_call>', call, '{', 'a', ' ', '<', '<tool');
    fc.assert(
      fc.property(fc.array(bit, { maxLength: 6 }), fc.array(fc.nat(300)), (bits, cuts) => {
        const text = bits.join('');
        const marks = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
        const pieces = marks.slice(1).map((mark, index) => piece(text.slice(marks[index], mark)));
        const withoutIds = (stream: string) =>
          JSON.stringify(fold(decode(from, stream)).parts).replaceAll(/"call_[^"]*"/g, '""');
        expect(withoutIds(sse(...pieces, end))).toBe(withoutIds(sse(piece(text), end)));
      }),
    );
  });
});
