import { describe, expect, it } from 'vitest';
import type { RelayOptions } from '../../../node/protocols/contract.ts';
import { renameModel } from '../../../node/protocols/rename-model.ts';
import { type RelayEvent, type RelayNotes, type RelayReader, SseRelay } from '../../../node/protocols/sse-relay.ts';

/** A dialect of one word an event. */
class WordReader implements RelayReader {
  readonly needles = [Buffer.from('usage'), Buffer.from('end'), Buffer.from('error')];
  readonly seen: string[] = [];
  #isEnough = false;

  read(_event: string | undefined, data: string, notes: RelayNotes): RelayEvent {
    this.seen.push(data);
    if (data === 'enough') this.#isEnough = true;
    if (data === 'usage') notes.usage = { outputTotal: 3 };
    const known: Record<string, RelayEvent> = { usage: 'usage', end: 'terminal', error: 'error', head: 'before' };
    return known[data] ?? 'content';
  }

  isComplete(): boolean {
    return this.#isEnough;
  }
}

const options: RelayOptions = { hideUsage: true, eventSizeBytesMax: 100 };
const words = (...list: string[]) => Buffer.from(list.map((word) => `data: ${word}\n\n`).join(''));

describe('SseRelay', () => {
  it('leaves hidden events out of the middle of a chunk', () => {
    const relay = new SseRelay(new WordReader(), options);
    expect(relay.push(words('head', 'a', 'usage', 'b', 'end', 'late'))).toEqual(words('head', 'a', 'b', 'end'));
    expect(relay.usage).toEqual({ outputTotal: 3 });
    expect(relay.phase).toBe('finished');
  });

  it('reads nothing but what a needle points at once content has begun', () => {
    const reader = new WordReader();
    const relay = new SseRelay(reader, options);
    relay.push(words('head', 'a'));
    const chunk = words('b', 'c');
    expect(relay.push(chunk)).toBe(chunk);
    expect(reader.seen).toEqual(['head', 'a']);
  });

  it('fails with a fault of its own where the reader gives none', () => {
    const relay = new SseRelay(new WordReader(), options);
    expect(relay.push(words('error'))).toBeUndefined();
    expect([relay.phase, relay.fault?.code]).toEqual(['failed', 'upstream_error']);
    expect(relay.push(words('a'))).toBeUndefined();
    expect(relay.end()).toBeUndefined();
  });

  it.each([
    ['a', 'content'],
    ['enough', 'finished'],
  ])('at EOF after %s is in phase %s', (word, phase) => {
    const relay = new SseRelay(new WordReader(), options);
    relay.push(words(word));
    relay.end();
    expect(relay.phase).toBe(phase);
  });
});

describe('renameModel', () => {
  const rename = (text: string) => renameModel(Buffer.from(text), 'a-b', 'x').toString();

  it.each([
    ['{"model":"a-b","y":{"model" : "a-b-2025"}}', '{"model":"x","y":{"model" : "x"}}'],
    ['{"model":"c"}', '{"model":"c"}'],
    ['{"model":{"a-b":1}}', '{"model":{"a-b":1}}'],
    ['{"text":"\\"model\\":\\"a-b\\""}', '{"text":"\\"model\\":\\"a-b\\""}'],
    ['{"model":"a-', '{"model":"a-'],
  ])('%s gives %s', (text, expected) => {
    expect(rename(text)).toBe(expected);
  });
});
