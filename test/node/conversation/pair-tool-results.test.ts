import { describe, expect, it } from 'vitest';
import type { Message, Part } from '../../../node/conversation/contract.ts';
import { pairToolResults } from '../../../node/conversation/pair-tool-results.ts';

const text = (said: string): Part => ({ type: 'text', text: said });
const call = (id: string): Part => ({ type: 'tool_call', id, name: 't', argumentsJson: '{}' });
const result = (callId: string, said: string): Part => ({
  type: 'tool_result',
  callId,
  content: [{ type: 'text', text: said }],
});
const user = (...parts: Part[]): Message => ({ role: 'user', parts });
const assistant = (...parts: Part[]): Message => ({ role: 'assistant', parts });
const saidIn = (message: Message | undefined) =>
  (message?.parts ?? []).flatMap((part) =>
    part.type === 'tool_result' ? part.content.map((said) => (said.type === 'text' ? said.text : '')) : [],
  );

describe('calls and their results', () => {
  it('are paired in the order of the calls, whatever stood between them', () => {
    const paired = pairToolResults([
      user(text('go')),
      assistant(call('a'), call('b')),
      user(result('b', 'B'), text('and'), result('a', 'A')),
    ]);
    expect(paired).toEqual([
      user(text('go')),
      assistant(call('a'), call('b')),
      user(result('a', 'A'), result('b', 'B'), text('and')),
    ]);
  });

  it('are paired turn by turn where an id is used again, and the last result counts', () => {
    const paired = pairToolResults([
      assistant(call('a')),
      user(result('a', 'first'), result('a', 'second')),
      assistant(call('a')),
      user(text('no result')),
      assistant(call('a')),
      user(result('a', 'third')),
    ]);
    expect([1, 3, 5].map((position) => saidIn(paired[position]))).toEqual([
      ['second'],
      ['No result: the call was not carried out.'],
      ['third'],
    ]);
  });

  it('find a result that stands far behind, and one that stands before its call', () => {
    const far = pairToolResults([assistant(call('a')), user(text('x')), assistant(text('y')), user(result('a', 'A'))]);
    expect(saidIn(far[1])).toEqual(['A']);
    const before = pairToolResults([user(result('a', 'A')), assistant(call('a'))]);
    expect(saidIn(before[1])).toEqual(['A']);
  });

  it('may be of one id in every turn of a long conversation', () => {
    const turns = 100_000;
    const messages = Array.from({ length: turns }, (_, turn) => [
      assistant(call('a')),
      user(result('a', String(turn))),
    ]);
    const paired = pairToolResults(messages.flat());
    expect(paired).toHaveLength(2 * turns);
    expect(saidIn(paired[2 * 77_777 + 1])).toEqual(['77777']);
  });

  it('stand in messages of any number of parts', () => {
    const parts = Array.from({ length: 300_000 }, () => text('x'));
    const [merged] = pairToolResults([user(text('first')), { role: 'user', parts }]);
    expect(merged?.parts).toHaveLength(300_001);
  });
});
