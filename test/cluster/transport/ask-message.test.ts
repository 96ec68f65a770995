import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeAskMessage,
  encodeAnswer,
  encodeQuestion,
  encodeRefusal,
} from '../../../cluster/transport/ask-message.ts';

const ids = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const bytes = fc.uint8Array({ maxLength: 100 });

describe('messages of the asks lane', () => {
  test('are read back', () => {
    fc.assert(
      fc.property(ids, fc.nat(1_000_000), bytes, (id, timeoutMs, body) => {
        const read = (message: Uint8Array) => decodeAskMessage(message.subarray(4));
        expect(read(encodeQuestion(id, timeoutMs, body))).toEqual({ kind: 'question', id, timeoutMs, bytes: body });
        expect(read(encodeAnswer(id, body))).toEqual({ kind: 'answer', id, bytes: body });
        expect(read(encodeRefusal(id))).toEqual({ kind: 'refusal', id });
      }),
    );
  });

  test('are nothing else, and garbage does not throw', () => {
    expect(decodeAskMessage(new Uint8Array(4))).toBeUndefined();
    expect(decodeAskMessage(Uint8Array.of(0, 0, 0, 1, 0, 0, 0))).toBeUndefined();
    expect(decodeAskMessage(Uint8Array.of(0, 0, 0, 1, 3))).toBeUndefined();
    fc.assert(
      fc.property(bytes, (garbage) => {
        const read = decodeAskMessage(garbage);
        expect(read === undefined || garbage.length >= 5).toBe(true);
      }),
    );
  });
});
