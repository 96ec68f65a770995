import { describe, expect, it } from 'vitest';
import { orderBreach } from '../../node/conversation/order-check.ts';
import type { Usage } from '../../node/conversation/contract.ts';
import { thought } from '../upstream/plan.ts';
import type { UpstreamTotals } from '../upstream/ledger.ts';
import { conversation, joined, lastUsage, pngBase64 } from './conversations.ts';
import type { ProviderBench } from './provider.ts';

const usageSaid = ({ tokens }: UpstreamTotals): Usage => ({
  inputTotal: tokens.uncached + tokens.cacheRead + tokens.cacheWrite,
  outputTotal: tokens.output,
});

/** Text, images, thinking, system prompts, stop sequences, bounds, usage. */
export function testContent<Credential>({ subject, drive, scripted, can }: ProviderBench<Credential>): void {
  const ask = (text: string, more = {}) => conversation(subject.model, text, more);

  describe('content', () => {
    it('carries text both ways', async () => {
      const answer = await drive().answer(ask('Grüße, 世界 🌊 "quoted" \\ done'));
      expect(answer.parts).toEqual([{ type: 'text', text: 'Grüße, 世界 🌊 "quoted" \\ done' }]);
      expect(answer.finish).toBe('stop');
      expect(answer.model).toBe(subject.model);
      expect(answer.id).not.toBe('');
    });

    it('carries text as a stream', async () => {
      const events = await drive().events(ask('Grüße, 世界 🌊 streamed in small pieces'));
      expect(orderBreach(events)).toBeUndefined();
      expect(joined(events, 'text')).toBe('Grüße, 世界 🌊 streamed in small pieces');
      expect(events.filter((event) => event.type === 'text').length).toBeGreaterThan(1);
      expect(events.find((event) => event.type === 'finish')).toEqual({ type: 'finish', reason: 'stop' });
    });

    it('reads usage, streamed and not', async () => {
      const answer = await drive().answer(ask('how much is this'));
      expect(answer.usage).toMatchObject(usageSaid(scripted().totals));
      scripted().clear();
      const events = await drive().events(ask('how much is this'));
      expect(lastUsage(events)).toMatchObject(usageSaid(scripted().totals));
    });

    if (can('cache-usage'))
      it('reads cache tokens as part of the input', async () => {
        scripted().script('cached');
        const answer = await drive().answer(ask('cached question'));
        expect(answer.usage).toMatchObject({ ...usageSaid(scripted().totals), cacheRead: 800 });
        const events = await drive().events(ask('cached question'));
        expect(lastUsage(events)?.cacheRead).toBe(800);
      });

    it('carries several long system parts', async () => {
      scripted().script('describe');
      const system = [
        { type: 'text' as const, text: 'S'.repeat(200_000) },
        { type: 'text' as const, text: 'Be brief.' },
      ];
      const answer = await drive().answer(ask('hello', { system }));
      const seen = /system=(\d+)/.exec(textOf(answer.parts))?.[1];
      expect(Number(seen)).toBeGreaterThanOrEqual(200_009);
    });

    it('keeps turns in order and accepts odd alternation', async () => {
      const messages = [
        { role: 'assistant' as const, parts: [{ type: 'text' as const, text: 'I begin.' }] },
        { role: 'user' as const, parts: [{ type: 'text' as const, text: 'one' }] },
        { role: 'user' as const, parts: [{ type: 'text' as const, text: 'two' }] },
        { role: 'system' as const, parts: [{ type: 'text' as const, text: 'a reminder' }] },
        {
          role: 'user' as const,
          parts: [
            { type: 'text' as const, text: '' },
            { type: 'text' as const, text: 'the last one' },
          ],
        },
      ];
      const answer = await drive().answer(ask('', { messages }));
      expect(textOf(answer.parts)).toContain('the last one');
    });

    if (can('images'))
      it('carries an image', async () => {
        scripted().script('describe');
        const parts = [
          { type: 'text' as const, text: 'what is this' },
          { type: 'image' as const, mediaType: 'image/png', data: pngBase64 },
        ];
        const answer = await drive().answer(ask('', { messages: [{ role: 'user', parts }] }));
        expect(textOf(answer.parts)).toContain(`images=image/png:${Buffer.from(pngBase64, 'base64').length}`);
      });

    it('stops at a stop sequence', async () => {
      const answer = await drive().answer(ask('before HALT after', { stop: ['HALT'] }));
      expect(textOf(answer.parts)).toBe('before ');
      expect(['stop', 'stop_sequence']).toContain(answer.finish);
    });

    if (can('output-bound'))
      it('says that the bound was reached', async () => {
        const answer = await drive().answer(ask('a text that is longer than its bound allows', { maxTokens: 3 }));
        expect(answer.finish).toBe('length');
        const events = await drive().events(ask('a text that is longer than its bound allows', { maxTokens: 3 }));
        expect(events.find((event) => event.type === 'finish')).toEqual({ type: 'finish', reason: 'length' });
      });

    if (can('refusal'))
      it('says that the model refused', async () => {
        scripted().script('refusal');
        expect((await drive().answer(ask('something bad'))).finish).toBe('refusal');
      });

    it('sends sampling only within what the upstream takes', async () => {
      const answer = await drive().answer(ask('sampled', { temperature: 1.7, topP: 0.5, stop: ['\n\n', 'END'] }));
      expect(textOf(answer.parts)).toBe('sampled');
    });

    if (can('thinking'))
      it('reads thinking before the answer', async () => {
        scripted().script('thinking');
        const asked = can('unasked-thinking')
          ? {}
          : { thinking: { mode: 'on' as const, budgetTokens: 2048 }, maxTokens: 8000 };
        const answer = await drive().answer(ask('think about it', asked));
        expect(answer.parts[0]).toMatchObject({ type: 'thinking', text: thought });
        expect(textOf(answer.parts)).toBe('think about it');
        const events = await drive().events(ask('think about it', asked));
        expect(orderBreach(events)).toBeUndefined();
        expect(joined(events, 'thinking')).toBe(thought);
      });

    it('leaves absent usage absent', async () => {
      scripted().script('no-usage');
      const events = await drive().events(ask('no numbers'));
      expect(orderBreach(events)).toBeUndefined();
      expect(lastUsage(events)?.cacheRead ?? 0).toBe(0);
    });
  });
}

const textOf = (parts: readonly { type: string; text?: string }[]): string =>
  parts.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
