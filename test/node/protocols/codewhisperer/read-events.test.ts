import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import { bytewise, decode, event, exception, reader, reading, reasoning, text, told } from './frames.ts';
import { call, finish, id, opening, pieces, says, stop, thinks } from './read-file-call.ts';

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
