import { array, assert, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../kit/fault.ts';
import type { StreamEvent } from '../../node/conversation/contract.ts';
import { orderBreach } from '../../node/conversation/order-check.ts';
import { conversation, joined, lookup, merged } from './conversations.ts';
import type { ProviderBench } from './provider.ts';

const faultIn = (events: StreamEvent[]) => events.find((event) => event.type === 'fault')?.fault;
const types = (events: StreamEvent[]): string[] => events.map((event) => event.type);

/** How streams break, and that it does not matter how their bytes are cut. */
export function testStreams<Credential>({ subject, drive, scripted }: ProviderBench<Credential>): void {
  const ask = (text: string, more = {}) => conversation(subject.model, text, more);

  describe('streams', () => {
    it('gives the same events for one byte at a time as for all at once', async () => {
      scripted().script('thinking,tools,pieces=1');
      const driven = drive();
      const { chunks, reader } = await driven.raw(ask('byte by byte: 世界', { tools: [lookup] }));
      const whole = Buffer.concat(chunks);
      const single = Array.from(whole, (byte) => Buffer.of(byte));
      const decode = (pieces: readonly Uint8Array[]) => driven.decode(pieces, false, reader);
      expect(merged(decode(single))).toEqual(merged(decode([whole])));
      expect(orderBreach(decode(single))).toBeUndefined();
    });

    it('gives the same events however the bytes are cut', async () => {
      const driven = drive();
      const { chunks, reader } = await driven.raw(ask('Grüße 世界 🌊, cut anywhere'));
      const whole = Buffer.concat(chunks);
      const expected = merged(driven.decode([whole], false, reader));
      const cuts = array(nat(whole.length), { maxLength: 20 });
      assert(
        property(cuts, (points) => {
          const sorted = [0, ...points.toSorted((a, b) => a - b), whole.length];
          const pieces = sorted.slice(1).map((end, index) => whole.subarray(sorted[index], end));
          expect(merged(driven.decode(pieces, false, reader))).toEqual(expected);
        }),
        { numRuns: 50 },
      );
    });

    it.each(['crlf', 'chatter', 'coalesced', 'crlf,chatter,pieces=7'])(
      'reads a stream sent with %s',
      async (script) => {
        scripted().script(script);
        const events = await drive().events(ask('the same as ever'));
        expect(orderBreach(events)).toBeUndefined();
        expect(joined(events, 'text')).toBe('the same as ever');
      },
    );

    it('reads one huge event', async () => {
      scripted().script('huge=1500000');
      const events = await drive().events(ask('huge'));
      expect(joined(events, 'text').length).toBe(1_500_000);
    });

    it('reports an error event after content, and no end', async () => {
      scripted().script('text=5,error-after=2');
      const events = await drive().events(ask('x'));
      expect(orderBreach(events)).toBeUndefined();
      expect(types(events).at(-1)).toBe('fault');
      expect(joined(events, 'text')).toBe('word0 word1 ');
      expect(types(events)).not.toContain('finish');
      expect(faultIn(events)?.source).toBe('upstream');
    });

    it('reports an error event before content so that another account can take over', async () => {
      scripted().script('error-before');
      const events = await drive().events(ask('x'));
      expect(types(events)).not.toContain('text');
      expect(types(events).at(-1)).toBe('fault');
      expect(['other-account', 'after']).toContain(faultIn(events)?.retry);
    });

    it.each(['text=5,truncate', 'text=5,truncate=2', 'tools,truncate'])(
      'never takes a cut stream for a complete one: %s',
      async (script) => {
        scripted().script(script);
        const events = await drive().events(ask('x', { tools: [lookup] }));
        expect(types(events)).not.toContain('finish');
        expect(faultIn(events)?.code).toBe('upstream_truncated');
      },
    );

    it('does not finish when the connection is reset', async () => {
      scripted().script('text=50,reset-at=700');
      const events = await drive().events(ask('x'));
      expect(types(events)).not.toContain('finish');
    });

    it.each(['html-200', 'broken-json', 'empty'])('calls %s a bad answer, streamed and not', async (script) => {
      scripted().script(script);
      const outcome: unknown = await drive()
        .answer(ask('x'))
        .catch((error: unknown) => error);
      expect(isFault(outcome) && outcome.code).toBe('upstream_bad_answer');
      const events = await drive().events(ask('x'));
      expect(types(events)).not.toContain('finish');
      expect(faultIn(events)?.source).toBe('upstream');
      expect(faultIn(events)?.message).not.toContain('<html');
    });
  });
}
