import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import type { ReadingContext } from '../../../../node/protocols/codewhisperer/contract.ts';
import {
  bytewise,
  codec,
  decode,
  event,
  exception,
  frame,
  gist,
  reader,
  reading,
  reasoning,
  text,
  told,
  tool,
} from './frames.ts';

const id = 'tooluse_Vt3kQ9aXRr2n';
const opening = tool({ name: 'read_file', toolUseId: id });
const pieces = [
  tool({ name: 'read_file', toolUseId: id, input: '{"path":"docs/noti' }),
  tool({ name: 'read_file', toolUseId: id, input: 'ces.md"}' }),
];
const stop = tool({ name: 'read_file', toolUseId: id, stop: true });

/** What a call of this name and input is told as. */
function call(json: string, callId = id, name = 'read_file'): StreamEvent[] {
  return [{ type: 'tool_start', id: callId, name }, { type: 'tool_arguments', json }, { type: 'tool_end' }];
}

const finish = (reason: string) => ({ type: 'finish', reason });
const says = (text: string) => ({ type: 'text', text });
const thinks = (text: string) => ({ type: 'thinking', text });

function faultIn(frames: readonly Uint8Array[], context: Partial<ReadingContext> = {}) {
  const last = decode(frames, context).at(-1);
  if (last?.type !== 'fault') throw new Error(`ended with ${last?.type}`);
  return last.fault;
}

describe('a whole answer', () => {
  const frames = [
    event('initial-response', { conversationId: '7b0c9a52' }),
    event('messageMetadataEvent', { conversationId: '7b0c9a52', utteranceId: '3f3c1d1e' }),
    reasoning({ text: 'I should open ' }),
    reasoning({ text: 'the file.' }),
    reasoning({ signature: 'RXhhbXBsZQ==' }),
    text('The notice gives '),
    text('Grüße aus 東京 🚲'),
    opening,
    ...pieces,
    stop,
    event('codeReferenceEvent', { references: [{ licenseName: 'MIT' }] }),
    event('supplementaryWebLinksEvent', { supplementaryWebLinks: [] }),
    event('followupPromptEvent', { followupPrompt: { content: 'Shall I?' } }),
    event('codeEvent', { content: 'x = 1' }),
    event('intentsEvent', {}),
    event('interactionComponentsEvent', {}),
    event('dryRunSucceedEvent', {}),
    event('toolResultEvent', {}),
    event('citationEvent', {}),
    event('someEventOfNextYear', { content: 'no' }),
    event('meteringEvent', { usage: 0.0427, unit: 'credit', unitPlural: 'credits' }),
    event('contextUsageEvent', { contextUsagePercentage: 3.4725 }),
  ];
  const expected = [
    thinks('I should open the file.'),
    { type: 'thinking_signature', signature: 'RXhhbXBsZQ==' },
    says('The notice gives Grüße aus 東京 🚲'),
    ...call('{"path":"docs/notices.md"}'),
    finish('tool_calls'),
  ];

  it('is told in order, and what says nothing of it is passed over', () => {
    expect(told(frames)).toEqual(expected);
  });

  it('is told the same byte by byte', () => {
    expect(told(bytewise(Buffer.concat(frames)))).toEqual(expected);
  });

  it('begins with the given id, the model of the request and an estimate of the prompt', () => {
    expect(decode(frames)[0]).toEqual({
      type: 'start',
      id: 'msg_1',
      model: 'claude-sonnet-4.5',
      usage: { inputTotal: 120, estimated: true },
    });
  });

  it('folds into one answer', () => {
    const answer = reader.decodeAnswer(Buffer.concat(frames), reading, 'msg_2');
    expect(answer).toMatchObject({ id: 'msg_2', model: 'claude-sonnet-4.5', finish: 'tool_calls' });
    expect(answer.parts).toEqual([
      { type: 'thinking', text: 'I should open the file.', signature: 'RXhhbXBsZQ==' },
      { type: 'text', text: 'The notice gives Grüße aus 東京 🚲' },
      { type: 'tool_call', id, name: 'read_file', argumentsJson: '{"path":"docs/notices.md"}' },
    ]);
    expect(() => reader.decodeAnswer(Buffer.concat(frames).subarray(0, -1), reading, 'msg_2')).toThrow(
      expect.objectContaining({ code: 'upstream_truncated' }),
    );
  });
});

describe('the beginning', () => {
  it.each(['messageMetadataEvent', 'initial-response', 'meteringEvent', 'someEventOfNextYear'])(
    'comes with the first message of any kind: %s',
    (type) => {
      const events: StreamEvent[] = [];
      reader.openDecoder(reading, 'msg_1').push(event(type), events);
      expect(events.map((each) => each.type)).toEqual(['start']);
    },
  );

  it('does not come with an exception, so that another account can still be asked', () => {
    const events = decode([exception('throttlingException', { message: 'no', reason: 'INSUFFICIENT_MODEL_CAPACITY' })]);
    expect(events).toMatchObject([{ type: 'fault', fault: { code: 'upstream_overloaded' } }]);
  });
});

describe('native thinking', () => {
  it('carries redacted content, and a signature without text', () => {
    expect(told([reasoning({ redactedContent: 'RXhhbXBsZQ==' }), reasoning({ signature: 'c2ln' }), text('x')])).toEqual(
      [
        { type: 'redacted_thinking', data: 'RXhhbXBsZQ==' },
        { type: 'thinking_signature', signature: 'c2ln' },
        says('x'),
        finish('stop'),
      ],
    );
  });

  it('keeps the signatures of Claude alone', () => {
    const frames = [reasoning({ text: 'hm', signature: 'c2ln' }), text('x')];
    expect(told(frames, { model: 'gpt-5.6-codex' })).toEqual([thinks('hm'), says('x'), finish('stop')]);
    expect(told(frames, { model: 'CLAUDE_SONNET_4_20250514_V1_0' })[1]).toEqual({
      type: 'thinking_signature',
      signature: 'c2ln',
    });
  });

  it('alone is an answer, one that was cut short', () => {
    expect(told([reasoning({ text: 'hm' })])).toEqual([thinks('hm'), finish('length')]);
  });
});

describe('tool calls', () => {
  it('without input have an empty object', () => {
    expect(told([opening, stop])).toEqual([...call('{}'), finish('tool_calls')]);
  });

  it('do not take an empty object at the opening for text', () => {
    const open = tool({ name: 'read_file', toolUseId: id, input: {} });
    expect(told([open, ...pieces, stop])).toEqual([...call('{"path":"docs/notices.md"}'), finish('tool_calls')]);
    expect(told([open, stop])).toEqual([...call('{}'), finish('tool_calls')]);
  });

  it('may hold their input as an object, the last of which counts, with all digits of its numbers', () => {
    const raw = (input: string) => {
      const headers = { ':event-type': 'toolUseEvent', ':message-type': 'event' };
      const body = Buffer.from(`{"name":"read_file","toolUseId":"${id}","input":${input}}`);
      const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]);
      return Buffer.from(codec.encode({ headers: Object.fromEntries(typed), body }));
    };
    expect(told([raw('{"a":1}'), raw('{"a":12345678901234567890}'), stop])[1]).toEqual({
      type: 'tool_arguments',
      json: '{"a":12345678901234567890}',
    });
    expect(told([raw('{"a":1}'), raw('{}'), stop])[1]).toEqual({ type: 'tool_arguments', json: '{"a":1}' });
  });

  it('take an object after whole text for a repetition, and after half a text for a broken stream', () => {
    const object = tool({ name: 'read_file', toolUseId: id, input: { path: 'docs/notices.md' } });
    expect(told([opening, ...pieces, object, stop])).toEqual(told([opening, ...pieces, stop]));
    expect(faultIn([opening, pieces[0]!, object, stop]).code).toBe('upstream_bad_answer');
  });

  it('take pieces without name and id', () => {
    expect(told([opening, tool({ input: '{"a":' }), tool({ input: '1}' }), tool({ stop: true })])).toEqual([
      ...call('{"a":1}'),
      finish('tool_calls'),
    ]);
  });

  it('may come in one event', () => {
    const whole = tool({ name: 'read_file', toolUseId: id, input: '{"a":1}', stop: true });
    expect(told([whole])).toEqual([...call('{"a":1}'), finish('tool_calls')]);
  });

  it('end where the next begins or text comes, when their stop is missing', () => {
    const second = tool({ name: 'ls', toolUseId: 'b', stop: true });
    const expected = [...call('{"path":"docs/notices.md"}'), ...call('{}', 'b', 'ls')];
    expect(told([opening, ...pieces, second])).toEqual([...expected, finish('tool_calls')]);
    expect(told([opening, ...pieces, text('done'), stop])).toEqual([
      ...call('{"path":"docs/notices.md"}'),
      says('done'),
      finish('tool_calls'),
    ]);
  });

  it('are never passed off as whole when another thing comes amid their input', () => {
    for (const other of [tool({ name: 'ls', toolUseId: 'b' }), text('done'), reasoning({ text: 'hm' })]) {
      expect(faultIn([opening, pieces[0]!, other, stop]).code).toBe('upstream_truncated');
    }
  });

  it('have the names that the client knows', () => {
    const toolNames = new Map([['read_file', 'mcp.files/read']]);
    expect(told([opening, stop], { toolNames })).toEqual([...call('{}', id, 'mcp.files/read'), finish('tool_calls')]);
  });

  it('may be repeated when they have ended, but not continued', () => {
    expect(told([opening, ...pieces, stop, stop, opening])).toEqual(told([opening, ...pieces, stop]));
    expect(faultIn([opening, ...pieces, stop, pieces[0]!]).code).toBe('upstream_bad_answer');
  });

  it('are refused without a beginning, and in numbers that no client takes', () => {
    expect(faultIn([tool({ input: '{}' })]).code).toBe('upstream_bad_answer');
    expect(faultIn([tool({ toolUseId: 'x', input: '{}' })]).code).toBe('upstream_bad_answer');
    const many = Array.from({ length: 129 }, (_, index) => tool({ name: 'f', toolUseId: `t${index}`, stop: true }));
    expect(faultIn(many).code).toBe('upstream_bad_answer');
    expect(told(many.slice(1)).filter(({ type }) => type === 'tool_end')).toHaveLength(128);
  });
});

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

describe('failures in the stream', () => {
  it.each([
    [
      'throttlingException',
      { message: 'Too many requests.', reason: 'INSUFFICIENT_MODEL_CAPACITY' },
      'upstream_overloaded',
    ],
    ['ThrottlingException', { message: 'Too many requests.' }, 'upstream_rate_limited'],
    ['throttlingException', { message: 'x', reason: 'MONTHLY_REQUEST_COUNT' }, 'upstream_rate_limited'],
    ['internalServerException', { message: 'Encountered unexpectedly high load' }, 'upstream_overloaded'],
    ['internalServerException', { message: 'x', reason: 'MODEL_TEMPORARILY_UNAVAILABLE' }, 'upstream_overloaded'],
    ['internalServerException', { message: 'Something broke' }, 'upstream_error'],
    ['serviceUnavailableException', {}, 'upstream_overloaded'],
    ['validationException', { message: 'Improperly formed request.', reason: null }, 'upstream_rejected'],
    [
      'validationException',
      { message: 'Input is too long.', reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' },
      'context_too_long',
    ],
    ['accessDeniedException', { message: 'x', reason: 'TEMPORARILY_SUSPENDED' }, 'upstream_account_suspended'],
    [
      'accessDeniedException',
      { message: 'The bearer token included in the request is invalid.' },
      'upstream_token_refused',
    ],
    ['conflictException', {}, 'upstream_error'],
    ['serviceQuotaExceededException', {}, 'upstream_rate_limited'],
    ['resourceNotFoundException', {}, 'upstream_error'],
    ['exceptionOfNextYear', { message: 'x' }, 'upstream_error'],
  ])('%s %j is %s, before text and after it', (type, payload, code) => {
    expect(faultIn([exception(type, payload)]).code).toBe(code);
    expect(decode([text('x'), exception(type, payload), text('y')]).map(({ type }) => type)).toEqual([
      'start',
      'text',
      'fault',
    ]);
    expect(faultIn([text('x'), exception(type, payload)]).code).toBe(code);
  });

  it('may be exceptions without a type or a payload that can be read', () => {
    const bare = frame({ ':message-type': 'exception' }, undefined);
    expect(faultIn([bare])).toMatchObject({ code: 'upstream_error', message: 'the upstream failed' });
  });

  it('may be error messages that have headers alone', () => {
    const headers = { ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'It broke.' };
    expect(faultIn([text('x'), frame(headers, undefined)])).toMatchObject({
      code: 'upstream_error',
      message: 'It broke.',
    });
    const throttled = { ':message-type': 'error', ':error-code': 'ThrottlingException' };
    expect(faultIn([frame(throttled, undefined)]).code).toBe('upstream_rate_limited');
  });

  it('may be an invalid state', () => {
    const state = event('invalidStateEvent', { reason: 'INVALID_TASK_ASSIST_PLAN', message: 'The plan is not valid.' });
    expect(faultIn([state])).toMatchObject({ code: 'upstream_error', message: 'The plan is not valid.' });
  });

  it('show no credential', () => {
    const { message } = faultIn([
      exception('internalServerException', { message: 'token aoaAAAAAGhijklmnopqrstuv:MGUC failed' }),
    ]);
    expect(message).not.toContain('aoaAAAAAGhij');
  });

  it('are events whose payload is not a JSON object', () => {
    const headers = { ':event-type': 'assistantResponseEvent', ':message-type': 'event' };
    expect(faultIn([frame(headers, undefined)]).code).toBe('upstream_bad_answer');
    expect(faultIn([frame(headers, ['x'])]).code).toBe('upstream_bad_answer');
    expect(told([text('x'), frame({ ':event-type': 'meteringEvent' }, undefined)])).toEqual([
      says('x'),
      finish('stop'),
    ]);
  });

  it('are faults when the whole body is no event stream', () => {
    for (const body of ['<html>502</html>', '{"message":"no"}', 'data: {}\n\n']) {
      const error = thrownBy(() => reader.decodeAnswer(Buffer.from(body), reading, 'msg_1'));
      expect(isFault(error) && error.code).toMatch(/^upstream_(?:bad_answer|truncated)$/);
    }
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

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
