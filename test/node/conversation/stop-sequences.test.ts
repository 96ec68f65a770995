import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '../../../node/conversation/contract.ts';
import { fold } from '../../../node/conversation/fold.ts';
import { openStopSequenceFilter } from '../../../node/conversation/stop-sequences.ts';

const says = (text: string): StreamEvent => ({ type: 'text', text });

function filtered(stop: readonly string[], ...events: StreamEvent[]): StreamEvent[] {
  const filter = openStopSequenceFilter(stop);
  const out: StreamEvent[] = [];
  for (const event of events) filter.push(event, out);
  return out;
}

/** The text that gets through, with the sequence that ended it. */
function cut(stop: readonly string[], ...texts: string[]): [string, string | undefined] {
  const answer = fold(filtered(stop, ...texts.map(says), { type: 'finish', reason: 'stop' }));
  const part = answer.parts[0];
  return [part?.type === 'text' ? part.text : '', answer.stopSequence];
}

describe('stop sequences', () => {
  it('end the text before them', () => {
    expect(cut(['END'], 'one END two')).toEqual(['one ', 'END']);
    expect(cut(['END'], 'one E', 'N', 'D two')).toEqual(['one ', 'END']);
    expect(cut(['END'], 'one EN', 'd two')).toEqual(['one ENd two', undefined]);
  });

  it('are found behind a false beginning of themselves', () => {
    expect(cut(['aab'], 'aa', 'ab')).toEqual(['a', 'aab']);
    expect(cut(['ababac'], 'abab', 'abac')).toEqual(['ab', 'ababac']);
  });

  it('are hit in the order in which they end, the longest of those that end together', () => {
    expect(cut(['abc', 'b'], 'xabc')).toEqual(['xa', 'b']);
    expect(cut(['c', 'abc'], 'xabc')).toEqual(['x', 'abc']);
  });

  it('let text through as soon as it can be none of theirs', () => {
    expect(filtered(['\n\nHuman:'], says('Hi\n'), says('\n'), says('Hu'))).toEqual([says('Hi')]);
    expect(filtered(['\n\nHuman:'], says('Hi\n'), says('\nHello'))).toEqual([says('Hi'), says('\n\nHello')]);
  });

  it('do not reach over what is between two texts, and are looked for in text alone', () => {
    const call: StreamEvent[] = [
      { type: 'tool_start', id: 'a', name: 'f' },
      { type: 'tool_arguments', json: '{"a":"END"}' },
      { type: 'tool_end' },
    ];
    const thought: StreamEvent = { type: 'thinking', text: 'END' };
    const events = [says('EN'), thought, says('D'), ...call, says('x'), { type: 'finish', reason: 'stop' } as const];
    expect(filtered(['END'], ...events)).toEqual(events);
  });

  it('hold nothing back from a usage event, a finish or a fault', () => {
    const usage: StreamEvent = { type: 'usage', usage: { outputTotal: 1 } };
    const finish: StreamEvent = { type: 'finish', reason: 'length' };
    expect(filtered(['END'], says('E'), usage, says('N'), finish)).toEqual([usage, says('EN'), finish]);
  });

  it('leave of what follows nothing but usage', () => {
    const usage: StreamEvent = { type: 'usage', usage: { outputTotal: 1 } };
    const rest: StreamEvent[] = [
      says('END'),
      { type: 'thinking', text: 'x' },
      usage,
      { type: 'finish', reason: 'stop' },
    ];
    const finish: StreamEvent = { type: 'finish', reason: 'stop_sequence', stopSequence: 'END' };
    expect(filtered(['END'], says('aENDb'), ...rest)).toEqual([says('a'), finish, usage]);
  });

  it('may be none, or empty', () => {
    expect(cut([], 'abc')).toEqual(['abc', undefined]);
    expect(cut([''], 'abc')).toEqual(['abc', undefined]);
  });

  it('are found where a search in the whole text finds them, however the text is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '🚲'), maxLength: 12 });
    const stop = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '🚲'), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 5 }), stop, (texts, sequences) => {
        const whole = texts.join('');
        const hits = sequences
          .filter((sequence) => whole.includes(sequence))
          .map((sequence) => ({ sequence, end: whole.indexOf(sequence) + sequence.length }))
          .sort((a, b) => a.end - b.end || b.sequence.length - a.sequence.length);
        const first = hits[0];
        const expected =
          first === undefined
            ? [whole, undefined]
            : [whole.slice(0, first.end - first.sequence.length), first.sequence];
        expect(cut(sequences, ...texts)).toEqual(expected);
        expect(cut(sequences, ...whole.split(''))).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
