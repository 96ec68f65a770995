import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import { ThinkingTags } from '../../../../node/protocols/codewhisperer/thinking-tags.ts';
import { decode, gist, reasoning, text, told, tool } from './frames.ts';

const says = (text: string) => ({ type: 'text', text });
const thinks = (text: string) => ({ type: 'thinking', text });

function scan(...pieces: string[]): StreamEvent[] {
  const tags = new ThinkingTags();
  const out: StreamEvent[] = [];
  for (const piece of pieces) tags.push(piece, out);
  tags.end(out);
  return gist(out);
}

const rows: [string, string, object[]][] = [
  ['thinking and text', '<thinking>\nI see.\n</thinking>\n\nHello', [thinks('I see.\n'), says('Hello')]],
  ['white space before the tag', ' \n\n<thinking>I see.</thinking>\n\nHello', [thinks('I see.'), says('Hello')]],
  ['CRLF', '<thinking>\r\nI see.</thinking>\r\n\r\nHello', [thinks('I see.'), says('Hello')]],
  ['one newline alone dropped', '<thinking>\n\nI see.</thinking>\n\n\nHello', [thinks('\nI see.'), says('\nHello')]],
  ['blanks in the blank line', '<thinking>I see.</thinking> \n \nHello', [thinks('I see.'), says('Hello')]],
  ['the end after the tag', '<thinking>I see.</thinking>', [thinks('I see.')]],
  ['white space after the tag', '<thinking>I see.</thinking>\n ', [thinks('I see.')]],
  ['no closing tag', '<thinking>I see', [thinks('I see')]],
  ['a beginning of the closing tag at the end', '<thinking>I see</thin', [thinks('I see</thin')]],
  ['nothing in the tags', '<thinking></thinking>\n\nHello', [says('Hello')]],
  ['an opening tag alone', '<thinking>', []],
  ['no tag', 'Hello', [says('Hello')]],
  ['a beginning of the tag alone', ' <think', [says(' <think')]],
  ['another tag', '<thinkers>Hello', [says('<thinkers>Hello')]],
  ['a tag further in', 'Hello <thinking>x</thinking>\n\ny', [says('Hello <thinking>x</thinking>\n\ny')]],
  ['a tag in a code span', '`<thinking>` is a tag', [says('`<thinking>` is a tag')]],
  ['a tag in quotes', '"<thinking>x</thinking>\n\n"', [says('"<thinking>x</thinking>\n\n"')]],
  [
    'a second one',
    '<thinking>a</thinking>\n\n<thinking>b</thinking>\n\nc',
    [thinks('a'), says('<thinking>b</thinking>\n\nc')],
  ],
  ['white space alone', ' \n', [says(' \n')]],
  ['a lot of white space', `${' '.repeat(65)}<thinking>a`, [says(`${' '.repeat(65)}<thinking>a`)]],
  [
    'a closing tag in a code span',
    '<thinking>Write `</thinking>` then.</thinking>\n\nHello',
    [thinks('Write `</thinking>` then.'), says('Hello')],
  ],
  [
    'a closing tag with words after it',
    '<thinking>Is </thinking> a tag?\n</thinking>\nno\n</thinking>\n\nHello',
    [thinks('Is </thinking> a tag?\n</thinking>\nno\n'), says('Hello')],
  ],
  [
    'a closing tag in quotes that hold a blank line',
    '<thinking>It ends with "</thinking>\n\n".</thinking>\n\nHello',
    [thinks('It ends with "</thinking>\n\n".'), says('Hello')],
  ],
  ['a quote that has ended', "<thinking>the users'</thinking>\n\nHello", [thinks("the users'"), says('Hello')]],
  [
    'a closing tag before many blanks',
    `<thinking>a</thinking>${' '.repeat(65)}`,
    [thinks(`a</thinking>${' '.repeat(65)}`)],
  ],
];

describe('thinking by tags', () => {
  it.each(rows)('%s', (_, given, expected) => {
    expect(scan(given)).toEqual(expected);
    expect(scan(...given.split(''))).toEqual(expected);
  });

  it('is the same however the text is cut', () => {
    const unit = fc.constantFrom(
      '<thinking>',
      '</thinking>',
      '<',
      '>',
      '/',
      'thinking',
      '\n',
      '\r',
      ' ',
      '`',
      '"',
      'a',
      '🚲',
    );
    const body = fc.string({ unit, maxLength: 20 });
    const given = fc.oneof(
      body,
      body.map((text) => `<thinking>${text}</thinking>\n\nHello`),
    );
    fc.assert(
      fc.property(given, fc.array(fc.nat(), { maxLength: 6 }), (text, offsets) => {
        const at = [...new Set(offsets.map((offset) => offset % (text.length + 1)))].sort((a, b) => a - b);
        const pieces = [0, ...at].map((start, index) => text.slice(start, at[index] ?? text.length));
        const whole = scan(text);
        expect(scan(...pieces)).toEqual(whole);
        expect(scan(...text.split(''))).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });

  it('loses nothing but the tags and the white space around them', () => {
    const word = fc.string({ unit: fc.constantFrom('a', '<', '`', '"', '\n', ' '), maxLength: 12 });
    fc.assert(
      fc.property(word, word, (thought, answer) => {
        const events = scan(`<thinking>${thought}x</thinking>\n\ny${answer}`);
        expect(events).toEqual([thinks(`${thought}x`.replace(/^\n/, '')), says(`y${answer}`)]);
      }),
    );
  });
});

describe('thinking by tags in an answer', () => {
  const byTags = { readsThinkingTags: true };
  const call = tool({ name: 'f', toolUseId: 'a', stop: true });

  it('is cut out of its text, when the client asked for it', () => {
    const frames = [text('<thin'), text('king>I see.</thinking>\n'), text('\nHello')];
    expect(told(frames, byTags)).toEqual([thinks('I see.'), says('Hello'), { type: 'finish', reason: 'stop' }]);
    expect(told(frames)).toEqual([says('<thinking>I see.</thinking>\n\nHello'), { type: 'finish', reason: 'stop' }]);
  });

  it('ends with a tool call, whose tag before it counts', () => {
    const types = told([text('<thinking>I see.</thinking>\n'), call, text('<thinking>no')], byTags);
    expect(types).toMatchObject([
      thinks('I see.'),
      { type: 'tool_start' },
      {},
      {},
      says('<thinking>no'),
      { type: 'finish' },
    ]);
    expect(told([text('<thinking>I see'), call], byTags)).toMatchObject([
      thinks('I see'),
      { type: 'tool_start' },
      {},
      {},
      {},
    ]);
  });

  it('gives way to native thinking', () => {
    expect(told([text(' '), reasoning({ text: 'I see.' }), text('<thinking>')], byTags)).toMatchObject([
      says(' '),
      thinks('I see.'),
      says('<thinking>'),
      { type: 'finish', reason: 'stop' },
    ]);
  });

  it('that never ends is an answer that was cut short', () => {
    expect(told([text('<thinking>I see')], byTags)).toEqual([thinks('I see'), { type: 'finish', reason: 'length' }]);
  });

  it('is not searched for stop sequences', () => {
    const frames = [text('<thinking>END</thinking>\n\nHello END')];
    const events = decode(frames, { ...byTags, stop: ['END'] });
    expect(gist(events)).toMatchObject([thinks('END'), says('Hello '), { reason: 'stop_sequence' }]);
  });

  it('around nothing is no answer', () => {
    expect(decode([text('<thinking></thinking>')], byTags).at(-1)).toMatchObject({
      fault: { code: 'upstream_bad_answer' },
    });
  });
});
