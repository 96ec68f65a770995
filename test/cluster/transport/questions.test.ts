import { describe, expect, test } from 'vitest';
import { decodeAskMessage, encodeAnswer, encodeRefusal } from '../../../cluster/transport/ask-message.ts';
import { transportLimits } from '../../../cluster/transport/limits.ts';
import { QuestionsAsked } from '../../../cluster/transport/questions-asked.ts';
import { QuestionsServed, type Question } from '../../../cluster/transport/questions-served.ts';
import { ManualClock } from '../../manual-clock.ts';

const body = (bytes: Uint8Array) => bytes.subarray(4);

describe('questions asked', () => {
  const asking = () => {
    const clock = new ManualClock();
    const sent: Uint8Array[] = [];
    const asked = new QuestionsAsked(clock, (bytes) => sent.push(bytes) > 0);
    return { clock, sent, asked };
  };

  test('end once: answered, refused, out of time or ended, and leave no timer', () => {
    const { clock, asked } = asking();
    const answers: unknown[] = [];
    for (let index = 0; index < 4; index++) asked.ask(new Uint8Array(1), 100 + index, (answer) => answers.push(answer));
    asked.receive(body(encodeAnswer(1, Uint8Array.of(7))));
    asked.receive(body(encodeAnswer(1, Uint8Array.of(8))));
    asked.receive(body(encodeRefusal(2)));
    clock.advance(102);
    expect(answers).toEqual([Uint8Array.of(7), undefined, undefined]);
    asked.end();
    expect(answers).toHaveLength(4);
    expect(asked.size).toBe(0);
    expect(clock.pendingCount).toBe(0);
    expect(asked.receive(body(encodeAnswer(4, new Uint8Array())))).toBe(true);
    expect(answers).toHaveLength(4);
  });

  test('end at once where they cannot be sent, or are too many', () => {
    const unsendable = new QuestionsAsked(new ManualClock(), () => false);
    let ended = 0;
    unsendable.ask(new Uint8Array(1), 100, () => ended++);
    expect(ended).toBe(1);
    const { asked, sent } = asking();
    for (let index = 0; index < 5000; index++) asked.ask(new Uint8Array(1), 100, () => ended++);
    expect(sent).toHaveLength(4096);
    expect(ended).toBe(1 + 5000 - 4096);
  });

  test('do not take a question for an answer', () => {
    const { asked, sent } = asking();
    asked.ask(new Uint8Array(1), 100, () => undefined);
    expect(asked.receive(body(sent[0] ?? new Uint8Array()))).toBe(false);
  });
});

describe('questions served', () => {
  const limits = { ...transportLimits, questionsMax: 2, askBytesMax: 10 };
  const question = (id: number, timeoutMs = 100): Question => ({
    kind: 'question',
    id,
    timeoutMs,
    bytes: new Uint8Array(),
  });
  const serving = () => {
    const clock = new ManualClock();
    const replies: unknown[] = [];
    const served = new QuestionsServed(clock, limits);
    const take = (id: number, timeoutMs?: number) =>
      served.take(question(id, timeoutMs), (bytes) => replies.push(decodeAskMessage(body(bytes))) > 0);
    return { clock, replies, served, take };
  };

  test('have a place until they are answered', () => {
    const { replies, served, take } = serving();
    const first = take(1);
    expect(take(2)).toBeDefined();
    expect(take(3)).toBeUndefined();
    expect(replies).toEqual([{ kind: 'refusal', id: 3 }]);
    first?.(Uint8Array.of(1));
    first?.(Uint8Array.of(2));
    expect(replies.slice(1)).toEqual([{ kind: 'answer', id: 1, bytes: Uint8Array.of(1) }]);
    expect(take(4)).toBeDefined();
    expect(served.size).toBe(2);
  });

  test('give up their place when their asker has given up', () => {
    const { clock, replies, take } = serving();
    const never = take(1, 100);
    take(2, 4_000_000_000);
    expect(take(3)).toBeUndefined();
    clock.advance(100);
    expect(take(4)).toBeDefined();
    never?.(Uint8Array.of(1));
    expect(replies).toEqual([{ kind: 'refusal', id: 3 }]);
    clock.advance(600_000);
    expect(take(5)).toBeDefined();
    expect(take(6)).toBeDefined();
  });

  test('are refused where the answer is too large', () => {
    const { replies, take } = serving();
    take(1)?.(new Uint8Array(11));
    expect(replies).toEqual([{ kind: 'refusal', id: 1 }]);
  });
});
