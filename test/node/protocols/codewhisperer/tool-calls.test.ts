import { describe, expect, it } from 'vitest';
import { codec, reasoning, text, told, tool } from './frames.ts';
import { call, faultIn, finish, id, opening, pieces, says, stop } from './read-file-call.ts';

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
