import { describe, expect, it } from 'vitest';
import type { Message, Part, ToolCallPart } from '../../node/conversation/contract.ts';
import { orderBreach } from '../../node/conversation/order-check.ts';
import { importSignature } from '../../node/conversation/signature.ts';
import { callsOf, conversation, lookup, pngBase64, toolTurn, weather } from './conversations.ts';
import type { ProviderBench } from './provider.ts';

const example = { lake: 'example lake', depth: 7 };
const isCall = (part: Part): part is ToolCallPart => part.type === 'tool_call';
const call = (id: string, name: string, argumentsJson: string): Part => ({
  type: 'tool_call',
  id,
  name,
  argumentsJson,
});
const result = (callId: string, text: string, isError = false): Part => ({
  type: 'tool_result',
  callId,
  content: [{ type: 'text', text }],
  ...(isError ? { isError } : {}),
});

/** Calls, parallel calls, results, choices. */
export function testTools<Credential>({ subject, drive, scripted, can }: ProviderBench<Credential>): void {
  const ask = (text: string, more = {}) => conversation(subject.model, text, { tools: [lookup, weather], ...more });
  const answerTo = async (messages: Message[]): Promise<string> => {
    const answer = await drive().answer(ask('', { messages }));
    return answer.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  };

  describe('tools', () => {
    it('reads a call', async () => {
      scripted().script('tools');
      const answer = await drive().answer(ask('look it up'));
      const calls = answer.parts.filter(isCall);
      expect(calls.map((part) => [part.name, JSON.parse(part.argumentsJson)])).toEqual([['lookup_lake', example]]);
      expect(answer.finish).toBe('tool_calls');
    });

    it('reads a call out of a stream', async () => {
      scripted().script('tools');
      const events = await drive().events(ask('look it up'));
      expect(orderBreach(events)).toBeUndefined();
      expect(callsOf(events)).toMatchObject([{ name: 'lookup_lake', input: example }]);
      expect(events.find((event) => event.type === 'finish')).toEqual({ type: 'finish', reason: 'tool_calls' });
    });

    it('reads parallel calls, streamed and not', async () => {
      scripted().script('parallel=3');
      const answer = await drive().answer(ask('look both up'));
      const ids = answer.parts.filter(isCall).map((part) => part.id);
      expect(new Set(ids).size).toBe(3);
      const events = await drive().events(ask('look both up'));
      expect(orderBreach(events)).toBeUndefined();
      expect(callsOf(events).map((streamed) => streamed.name)).toEqual(['lookup_lake', 'weather', 'lookup_lake']);
    });

    if (can('interleaved-tools'))
      it('sorts calls whose fragments alternate', async () => {
        scripted().script('interleaved=3');
        const events = await drive().events(ask('look both up'));
        expect(orderBreach(events)).toBeUndefined();
        expect(callsOf(events).map((streamed) => streamed.input)).toEqual([
          example,
          { place: 'example place' },
          example,
        ]);
      });

    it('takes a call without arguments', async () => {
      scripted().script({ calls: [{ name: 'weather', input: {} }], callsOnce: true });
      expect(callsOf(await drive().events(ask('weather')))).toMatchObject([{ name: 'weather', input: {} }]);
      const answer = await drive().answer(ask('weather'));
      expect(JSON.parse(answer.parts.find(isCall)?.argumentsJson || '{}')).toEqual({});
    });

    it('keeps text before a call', async () => {
      scripted().script({ say: 'Let me look.', calls: 1 });
      const events = await drive().events(ask('look it up'));
      expect(orderBreach(events)).toBeUndefined();
      expect(events.findIndex((event) => event.type === 'text')).toBeLessThan(
        events.findIndex((event) => event.type === 'tool_start'),
      );
    });

    it('sends results back', async () => {
      scripted().script('tools');
      const messages = toolTurn(
        [call('call_1', 'lookup_lake', '{"lake":"Bled","depth":30}')],
        [result('call_1', '30 metres')],
      );
      expect(await answerTo(messages)).toBe('The tools said: 30 metres');
    });

    it('sends parallel results back beside text, in whatever order they came', async () => {
      scripted().script('tools');
      const calls = [call('call_1', 'lookup_lake', '{}'), call('call_2', 'weather', '{"place":"Bled"}')];
      const results: Part[] = [
        { type: 'text', text: 'here you are' },
        result('call_2', 'sunny'),
        result('call_1', '30 metres'),
      ];
      const text = await answerTo(toolTurn(calls, results));
      expect(text).toContain('30 metres');
      expect(text).toContain('sunny');
    });

    it('marks a failed call', async () => {
      scripted().script('tools');
      const text = await answerTo(
        toolTurn([call('call_1', 'weather', '{}')], [result('call_1', 'no such place', true)]),
      );
      expect(text).toMatch(/error.*no such place/i);
    });

    if (can('images'))
      it('carries an image inside a result', async () => {
        scripted().script('describe');
        const image: Part = {
          type: 'tool_result',
          callId: 'call_1',
          content: [
            { type: 'text', text: 'a picture' },
            { type: 'image', mediaType: 'image/png', data: pngBase64 },
          ],
        };
        expect(await answerTo(toolTurn([call('call_1', 'weather', '{}')], [image]))).toContain('images=image/png');
      });

    it('survives a history that a client has cut: results without calls, calls without results', async () => {
      const orphans: Message[] = [
        { role: 'user', parts: [result('call_9', 'an orphan'), { type: 'text', text: 'go on' }] },
        { role: 'assistant', parts: [call('call_8', 'weather', '{}')] },
        { role: 'user', parts: [{ type: 'text', text: 'never mind the weather' }] },
      ];
      expect(await answerTo(orphans)).not.toBe('');
      expect(scripted().requests.at(-1)?.body.toString()).toContain('never mind the weather');
    });

    it('takes ids that other vendors make', async () => {
      scripted().script('tools');
      const id = `functions.lookup_lake:0|${'x'.repeat(60)}`;
      expect(await answerTo(toolTurn([call(id, 'lookup_lake', '{}')], [result(id, 'deep')]))).toBe(
        'The tools said: deep',
      );
    });

    if (can('tool-choice'))
      it('forces a tool, any tool, and none', async () => {
        const named = await drive().answer(ask('x', { toolChoice: { type: 'tool', name: 'weather' } }));
        expect(named.parts.filter(isCall).map((part) => part.name)).toEqual(['weather']);
        const any = await drive().answer(ask('x', { toolChoice: { type: 'any' } }));
        expect(any.parts.filter(isCall)).toHaveLength(1);
        scripted().script('tools');
        const none = await drive().answer(ask('x', { toolChoice: { type: 'none' } }));
        expect(none.parts.filter(isCall)).toHaveLength(0);
      });

    if (can('parallel-switch'))
      it('forbids parallel calls', async () => {
        scripted().script('parallel=3');
        const answer = await drive().answer(ask('x', { toolChoice: { type: 'auto' }, parallelToolCalls: false }));
        expect(answer.parts.filter(isCall)).toHaveLength(1);
      });

    it('leaves out a choice that has no tools', async () => {
      const answer = await drive().answer(
        ask('plain', { tools: [], toolChoice: { type: 'auto' }, parallelToolCalls: true }),
      );
      expect(answer.finish).toBe('stop');
    });

    if (can('signed-thinking'))
      it('sends its own thinking back within a tool loop', async () => {
        scripted().script('thinking,tools');
        const thinking = { mode: 'on' as const, budgetTokens: 2048 };
        const first = await drive().answer(ask('think and look', { thinking, maxTokens: 8000 }));
        const id = first.parts.find(isCall)?.id ?? '';
        const messages: Message[] = [...toolTurn(first.parts, [result(id, 'deep')])];
        const second = await drive().answer(ask('', { thinking, maxTokens: 8000, messages }));
        expect(second.parts.at(-1)).toEqual({ type: 'text', text: 'The tools said: deep' });
      });

    it('does not send thinking that another vendor made', async () => {
      scripted().script('tools');
      const foreign: Part[] = [
        { type: 'thinking', text: 'foreign thought', signature: importSignature('openai', 'bm90IGdlbnVpbmU=') ?? '' },
        { type: 'thinking', text: 'unsigned' },
      ];
      const messages = toolTurn([...foreign, call('call_1', 'weather', '{}')], [result('call_1', 'sunny')]);
      const thinking = { mode: 'on' as const, budgetTokens: 2048 };
      const answer = await drive().answer(ask('', { messages, thinking, maxTokens: 8000 }));
      expect(answer.parts.at(-1)).toEqual({ type: 'text', text: 'The tools said: sunny' });
    });
  });
}
