import { describe, expect, it } from 'vitest';
import { anthropicProtocol } from '../../../../node/protocols/anthropic/index.ts';
import { decode, event, exception, gist, reader, reading, reasoning, text, told } from './frames.ts';
import { call, faultIn, finish, opening, pieces, says, stop } from './read-file-call.ts';

describe('the end', () => {
  const metadata = (stopReason: string) => event('metadataEvent', { stopReason });

  it.each([
    ['END_TURN', 'stop'],
    ['end_turn', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['max_tokens', 'length'],
    ['TOOL_USE', 'stop'],
    ['STOP_SEQUENCE', 'stop_sequence'],
    ['CONTENT_FILTERED', 'refusal'],
    ['GUARDRAIL_INTERVENED', 'refusal'],
    ['REFUSAL', 'refusal'],
    ['PAUSE_TURN', 'pause'],
    ['MODEL_CONTEXT_WINDOW_EXCEEDED', 'context_window_exceeded'],
    ['SOMETHING_NEW', 'stop'],
  ])('of a text with stop reason %s is %s', (word, reason) => {
    expect(told([text('x'), metadata(word)])).toEqual([says('x'), finish(reason)]);
  });

  it.each([
    ['END_TURN', 'tool_calls'],
    ['tool_use', 'tool_calls'],
    ['MAX_TOKENS', 'length'],
  ])('of a call with stop reason %s is %s', (word, reason) => {
    expect(told([opening, ...pieces, stop, metadata(word)]).at(-1)).toEqual(finish(reason));
  });

  it('with a full window is that of the window, unless a call can be run', () => {
    const full = event('contextUsageEvent', { contextUsagePercentage: 100 });
    expect(told([text('x'), full])).toEqual([says('x'), finish('context_window_exceeded')]);
    expect(told([opening, stop, full]).at(-1)).toEqual(finish('tool_calls'));
    expect(told([opening, pieces[0]!, full])).toEqual([
      ...call('{"path":"docs/noti'),
      finish('context_window_exceeded'),
    ]);
  });

  it('amid a call or a message is a truncation', () => {
    expect(faultIn([text('x'), opening, ...pieces]).code).toBe('upstream_truncated');
    expect(faultIn([text('x'), text('y').subarray(0, 40)]).code).toBe('upstream_truncated');
    expect(faultIn([text('x').subarray(0, 3)]).code).toBe('upstream_truncated');
  });

  it('amid a call or a message is that of length, when the service named it', () => {
    expect(told([text('x'), opening, pieces[0]!, metadata('MAX_TOKENS')])).toEqual([
      says('x'),
      ...call('{"path":"docs/noti'),
      finish('length'),
    ]);
    expect(told([text('x'), metadata('MAX_TOKENS'), text('y').subarray(0, 40)])).toEqual([says('x'), finish('length')]);
  });

  it('by ContentLengthExceededException is that of length, and nothing is read after it', () => {
    const exceeded = exception('ContentLengthExceededException', { message: 'Content length exceeded' });
    expect(told([text('x'), exceeded, text('y'), Buffer.from('garbage')])).toEqual([says('x'), finish('length')]);
    expect(told([opening, pieces[0]!, exceeded])).toEqual([...call('{"path":"docs/noti'), finish('length')]);
    expect(faultIn([event('initial-response'), exceeded]).code).toBe('context_too_long');
  });

  it('without an answer is a failure that another account may not have', () => {
    for (const frames of [
      [],
      [event('initial-response')],
      [text(''), event('contextUsageEvent', { contextUsagePercentage: 3 })],
    ]) {
      expect(faultIn(frames)).toMatchObject({ code: 'upstream_bad_answer', retry: 'other-account' });
    }
    expect(told([metadata('MAX_TOKENS')])).toEqual([finish('length')]);
  });
});

describe('stop sequences', () => {
  it('end the answer, and what comes after them is swallowed but for usage', () => {
    const frames = [text('one END'), text(' two'), opening, exception('internalServerException', { message: 'no' })];
    const events = decode(frames, { stop: [' END'] });
    expect(gist(events)).toEqual([says('one'), { type: 'finish', reason: 'stop_sequence', stopSequence: ' END' }]);
    expect(events.at(-1)?.type).toBe('usage');
  });

  it('are no empty answer, and a cut stream after them is none', () => {
    expect(told([text('END'), text('x').subarray(0, 30)], { stop: ['END'] })).toEqual([
      { type: 'finish', reason: 'stop_sequence', stopSequence: 'END' },
    ]);
    expect(reader.decodeAnswer(Buffer.concat([text('aENDb')]), { ...reading, stop: ['END'] }, 'm')).toMatchObject({
      parts: [{ type: 'text', text: 'a' }],
      finish: 'stop_sequence',
      stopSequence: 'END',
    });
  });
});

describe('an answer of thinking alone', () => {
  it('is a whole message for a client of Anthropic, without a blank text', () => {
    const encoder = anthropicProtocol.openEncoder({
      model: 'claude-sonnet-4-5',
      requestId: 'req_1',
      framing: 'sse',
      includeUsage: false,
      nowMs: 0,
    });
    const sent = decode([reasoning({ text: 'hm', signature: 'c2ln' })]).map((event) => encoder.push(event));
    const names = [...(sent.join('') + encoder.end()).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    expect(names).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(sent.join('')).toContain('"input_tokens":120');
    expect(encoder.end()).toContain('"stop_reason":"max_tokens"');
  });
});
