import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Message, Part } from '../../../../node/conversation/contract.ts';
import { encodeRequest } from '../../../../node/protocols/codewhisperer/encode-request.ts';
import { conversation } from '../../../suites/conversations.ts';
import {
  assistant,
  call,
  encode,
  image,
  kiro,
  model,
  part,
  refusalOf,
  result,
  specs,
  texts,
  user,
  weather,
} from './encoded.ts';
import { resultsOf } from './request-rules.ts';

describe('the history', () => {
  const continuing = expect.stringContaining('Continue your last message') as string;

  it.each<[string, Message[], unknown[]]>([
    ['is absent for one question', [user('a')], ['a']],
    [
      'has neighbours of a role in one',
      [user('a'), user('b'), assistant('c'), assistant('d'), user('e')],
      ['a\n\nb', 'c\n\nd', 'e'],
    ],
    ['begins with its user', [assistant('a'), user('b')], ['(The conversation continues.)', 'a', 'b']],
    ['is followed by a user where the answer has begun', [user('a'), assistant('b')], ['a', 'b', continuing]],
    [
      'holds later system messages in their place',
      [user('a'), { role: 'system', parts: [part('s')] }, assistant('b'), user('c')],
      ['a\n\n<system-reminder>\ns\n</system-reminder>', 'b', 'c'],
    ],
    ['has no empty turns', [user('a'), assistant(''), user(' '), assistant('b'), user('c')], ['a', 'b', 'c']],
    ['has no thoughts of others', [user('a'), assistant({ type: 'thinking', text: 't' }), user('b')], ['a\n\nb']],
    [
      'has a filler for a turn of calls',
      [user('a'), assistant(call('1')), user(result('1'))],
      ['a', ' ', 'Tool results follow.'],
    ],
    ['keeps what stands beside results', [user('a'), assistant(call('1')), user('b', result('1'))], ['a', ' ', 'b']],
    ['has a filler for an image', [user(image)], ['See the image.']],
    ['has whole characters', [user('a\ud83d'), assistant('\udc00b'), user('c')], ['a\ufffd', '\ufffdb', 'c']],
    [
      'turns a result without its call into text',
      [user(result('9', 'lost')), assistant('b'), user('c')],
      ['Result of an earlier tool call:\n\nlost', 'b', 'c'],
    ],
    [
      'holds text documents',
      [
        user(
          { type: 'document', text: 'hi', name: 'n.txt' },
          { type: 'document', mediaType: 'text/plain', data: 'eA==' },
        ),
      ],
      ['<document name="n.txt">\nhi\n</document>\n\n<document>\nx\n</document>'],
    ],
  ])('%s', (_name, messages, expected) => {
    expect(texts(messages)).toEqual(expected);
  });

  it('answers every call once, in order', () => {
    const { entries } = encode([
      user('a'),
      assistant(call('1'), call('2'), call('3')),
      user(result('3', 'three'), result('1', 'old'), result('1', 'one'), result('8')),
    ]);
    const answered = resultsOf({ userInputMessage: entries[2]! });
    expect(answered.map(({ toolUseId, status }) => [toolUseId, status])).toEqual([
      ['1', 'success'],
      ['2', 'error'],
      ['3', 'success'],
    ]);
    expect(answered[0]).toMatchObject({ content: [{ text: 'one' }] });
  });

  it('uses every id once', () => {
    const { entries } = encode([
      user('a'),
      assistant(call('1'), call('a.b'), call('a:b')),
      user(result('1', 'first'), result('a.b', 'dot'), result('a:b', 'colon')),
      assistant(call('1')),
      user(result('1', 'second')),
    ]);
    const ids = (entry: JsonObject) => resultsOf({ userInputMessage: entry }).map((each) => each['toolUseId']);
    expect(ids(entries[2]!)).toEqual(['1', 'a_b', 'a_b_2']);
    expect(ids(entries[4]!)).toEqual(['1_2']);
    expect(resultsOf({ userInputMessage: entries[4]! })[0]).toMatchObject({ content: [{ text: 'second' }] });
  });

  it('has images of results on the turn itself', () => {
    const shot: Part = { type: 'tool_result', callId: '1', content: [image as Part & { type: 'image' }] };
    const { entries } = encode([user('a'), assistant(call('1')), user(shot, image)]);
    expect(entries[2]!['images']).toHaveLength(2);
    expect(resultsOf({ userInputMessage: entries[2]! })[0]).toMatchObject({ content: [{ text: 'See the image.' }] });
  });

  it('has inputs that the service takes', () => {
    const input = '{"":1,"a":{"":2,"b":"\\ud800"},"list":[{"":3}],"big":12345678901234567890}';
    const messages = [user('a'), assistant(call('1', 'weather', input)), user(result('1'))];
    const body = JSON.stringify(encodeRequest(conversation(model, '', { tools: [weather], messages }), kiro, 1).body);
    expect(body).toContain('"input":{"a":{"b":"\ufffd"},"list":[{}],"big":12345678901234567890}');
  });

  it('refuses inputs without a bottom', () => {
    const input = `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    expect(refusalOf(() => encode([user('a'), assistant(call('1', 'weather', input))]))).toMatchObject({
      code: 'invalid_request',
      field: 'messages',
    });
  });

  it('needs something to say', () => {
    expect(refusalOf(() => encode([user(' ')]))).toMatchObject({ code: 'invalid_request', field: 'messages' });
    expect(refusalOf(() => encode([]))).toMatchObject({ code: 'invalid_request', field: 'messages' });
  });
});

describe('the system prompt', () => {
  const system = [
    { type: 'text' as const, text: 'one' },
    { type: 'text' as const, text: ' ' },
    { type: 'text' as const, text: 'two' },
  ];

  it('is a turn of its own, on turns of tool results too', () => {
    expect(texts([user('a')], { system })).toEqual(['one\n\ntwo', 'Understood.', 'a']);
    expect(texts([user('a'), assistant(call('1')), user(result('1'))], { system }).slice(0, 3)).toEqual([
      'one\n\ntwo',
      'Understood.',
      'a',
    ]);
  });

  it('takes what a description cannot hold', () => {
    const description = `${'é'.repeat(5_100)} end`;
    const { body, entries } = encode([user('a')], { system, tools: [{ ...weather, description }] });
    const sent = String(specs(body)[0]!['description']);
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(10_000);
    const rest = String(entries[0]!['content']);
    expect(rest).toMatch(/^one\n\ntwo\n\nThe description of the tool weather continues:\né+ end$/);
    const kept = sent.split(' … ')[0]!.length;
    expect(kept + rest.split('continues:\n')[1]!.length).toBe(description.length);
  });
});
