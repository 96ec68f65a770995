import { describe, expect, it } from 'vitest';
import { anthropicProtocol, withoutForeignThinking } from '../../../../node/protocols/anthropic/index.ts';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const scan = (value: unknown) => anthropicProtocol.scanRequest(bytes(value));
const user = (content: unknown) => ({ role: 'user', content });

describe('scanRequest', () => {
  it('reads what routing needs', () => {
    const body = bytes('{ "stream":true , "max_tokens":5,"mo\\u0064el":"claude-\\"x\\"","messages":[]}');
    const facts = anthropicProtocol.scanRequest(body);
    expect(facts).toMatchObject({
      model: 'claude-"x"',
      stream: true,
      hasMaxTokens: true,
      usesPromptCache: false,
      session: undefined,
    });
    expect(body.toString('utf8', facts.modelStart, facts.modelEnd)).toBe('"claude-\\"x\\""');
    expect(body.toString('utf8', 0, facts.bodyStart)).toBe('{');
  });

  it.each(['', 'null', '[]', '{"model":', '{"model":"m",}', '{"a":'.repeat(300)])('refuses %j', (body) => {
    expect(() => scan(body)).toThrow(expect.objectContaining({ code: 'invalid_json', status: 400 }) as Error);
  });

  it('does not take a stream that is not true, or a model that is no name', () => {
    expect(scan({ model: 5, stream: 'true', max_tokens: null, messages: 'x', metadata: 'y' })).toMatchObject({
      model: '',
      stream: false,
      hasMaxTokens: false,
      affinityEnd: 0,
    });
  });

  it.each([
    ['user_3f_account_ab_session_0a1b2c3d-4e5f', '0a1b2c3d-4e5f'],
    ['{"device_id":"d","session_id":"0a1b2c3d-4e5f"}', '0a1b2c3d-4e5f'],
    ['just-a-person', undefined],
  ])('knows the session in %s', (userId, session) => {
    expect(scan({ metadata: { user_id: userId }, messages: [] })).toMatchObject({
      session,
      usesPromptCache: session !== undefined,
    });
  });

  it('points at text that stays equal over the turns of a conversation', () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    const reminder = { type: 'text', text: 'reminder' };
    const first = { messages: [user([reminder, { type: 'text', text: 'build it', ...mark }])] };
    const second = {
      messages: [
        user([reminder, { type: 'text', text: 'build it' }]),
        { role: 'assistant', content: 'ok' },
        user([{ type: 'text', text: 'next', ...mark }]),
      ],
    };
    const prompts = [first, second].map((request) => {
      const facts = scan(request);
      expect(facts.usesPromptCache).toBe(true);
      return bytes(request).toString('utf8', facts.affinityStart, facts.affinityEnd);
    });
    expect(prompts).toEqual(['"build it"', '"build it"']);
    const plain = { messages: [{ role: 'assistant', content: 'x' }, user('hello')] };
    const facts = scan(plain);
    expect(bytes(plain).toString('utf8', facts.affinityStart, facts.affinityEnd)).toBe('"hello"');
  });
});

describe('editRequest', () => {
  const edit = (body: string, edits: object) =>
    anthropicProtocol.editRequest(bytes(body), scan(body), edits).toString();

  it('splices into the bytes and leaves the rest', () => {
    const body = '{ "n": 12345678901234567890, "model" : "a", "messages":[] }';
    expect(edit(body, { model: 'b"c', maxTokens: 7 })).toBe(
      '{"max_tokens":7, "n": 12345678901234567890, "model" : "b\\"c", "messages":[] }',
    );
    expect(edit('{ }', { model: 'm', maxTokens: 7 })).toSatisfy((text: string) => {
      expect(JSON.parse(text)).toEqual({ model: 'm', max_tokens: 7 });
      return true;
    });
    expect(edit('{"max_tokens":1,"model":"a"}', { model: 'a', maxTokens: 7 })).toBe('{"max_tokens":1,"model":"a"}');
  });

  it('hands the same buffer back when there is nothing to do', () => {
    const body = bytes({ model: 'a', messages: [] });
    expect(anthropicProtocol.editRequest(body, anthropicProtocol.scanRequest(body), {})).toBe(body);
  });
});

describe('withoutForeignThinking', () => {
  const foreign = { type: 'thinking', thinking: 'x', signature: 'aiproxy0openai00abc' };
  const genuine = { type: 'thinking', thinking: 'y', signature: 'Eq==' };
  const use = { type: 'tool_use', id: 'a', name: 'f', input: { n: 1 } };
  const strip = (body: object) => JSON.parse(withoutForeignThinking(bytes(body)).toString()) as unknown;

  it('costs nothing where there is none', () => {
    const body = bytes({ messages: [{ role: 'assistant', content: [genuine, { type: 'text', text: 'aiproxy0' }] }] });
    expect(withoutForeignThinking(body)).toBe(body);
  });

  it('takes out foreign thinking alone, and messages that held nothing else', () => {
    const messages = [
      user('q'),
      { role: 'assistant', content: [foreign] },
      user('r'),
      { role: 'assistant', content: [foreign, genuine, use] },
    ];
    expect(strip({ messages, thinking: { type: 'enabled', budget_tokens: 2000 } })).toEqual({
      messages: [user('q'), user('r'), { role: 'assistant', content: [genuine, use] }],
      thinking: { type: 'enabled', budget_tokens: 2000 },
    });
  });

  it('switches thinking off where the last turn lost what it must begin with', () => {
    const messages = [
      user('q'),
      { role: 'assistant', content: [foreign, use] },
      user([{ type: 'tool_result', tool_use_id: 'a' }]),
    ];
    expect(strip({ thinking: { type: 'enabled', budget_tokens: 2000 }, messages })).toMatchObject({
      thinking: { type: 'disabled' },
      messages: [user('q'), { role: 'assistant', content: [use] }, {}],
    });
  });

  it('keeps digits and spacing of what stays', () => {
    const body = `{"messages": [ {"role":"assistant", "content":[${JSON.stringify(foreign)} , {"n": 12345678901234567890}]} ] }`;
    expect(withoutForeignThinking(bytes(body)).toString()).toBe(
      '{"messages": [{"role":"assistant", "content":[{"n": 12345678901234567890}]}] }',
    );
  });
});

describe('scanAnswer and renameAnswer', () => {
  it('read usage and replace the root’s model alone', () => {
    const body = bytes(
      '{"model":"up","content":[{"input":{"model":"up"}}],"usage":{"input_tokens":1,"output_tokens":2}}',
    );
    expect(anthropicProtocol.scanAnswer(body)).toMatchObject({ usage: { inputTotal: 1, outputTotal: 2 } });
    expect(anthropicProtocol.renameAnswer(body, 'up', 'mine').toString()).toBe(
      body.toString().replace('"up"', '"mine"'),
    );
  });

  it.each(['', 'x', '{}', '{"usage":null}', '{"usage":{"input_tokens":"x"}}'])('never throw: %j', (body) => {
    expect(anthropicProtocol.scanAnswer(bytes(body))).toMatchObject({ usage: {} });
    expect(anthropicProtocol.renameAnswer(bytes(body), 'a', 'b').toString()).toBe(body);
  });
});
