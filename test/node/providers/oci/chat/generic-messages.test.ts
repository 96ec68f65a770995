import { describe, expect, it } from 'vitest';
import type { Conversation, Message } from '../../../../../node/conversation/contract.ts';
import { calledConversation, chatRequest, encoded } from './oci-chat.ts';

function messagesOf(model: string, messages: Message[], more: Partial<Conversation> = {}): unknown {
  return chatRequest(model, { ...more, messages })['messages'];
}

const text = (text: string) => ({ type: 'TEXT', text });

describe('messages of a GENERIC request', () => {
  it('put results right behind their calls, in order, and null where only calls are said', () => {
    expect(messagesOf('xai.grok-4', calledConversation('Bled', 'Bohinj'))).toEqual([
      { role: 'USER', content: [text('Depth of the lakes?')] },
      {
        role: 'ASSISTANT',
        content: null,
        toolCalls: [
          { id: 'call_0', type: 'FUNCTION', name: 'lake_info', arguments: '{"lake":"Bled"}' },
          { id: 'call_1', type: 'FUNCTION', name: 'lake_info', arguments: '{"lake":"Bohinj"}' },
        ],
      },
      { role: 'TOOL', toolCallId: 'call_0', content: [text('Bled: 30 m')] },
      { role: 'TOOL', toolCallId: 'call_1', content: [text('Bohinj: 30 m')] },
    ]);
  });

  it('unroll parallel calls for Gemini into pairs, and leave no content empty', () => {
    const messages = calledConversation('Bled', 'Bohinj');
    messages[1]!.parts.unshift({ type: 'text', text: 'I look.' });
    messages[2]!.parts[0] = { type: 'tool_result', callId: 'call_0', content: [] };
    expect(messagesOf('google.gemini-2.5-pro', messages)).toEqual([
      { role: 'USER', content: [text('Depth of the lakes?')] },
      {
        role: 'ASSISTANT',
        content: [text('I look.')],
        toolCalls: [{ id: 'call_0', type: 'FUNCTION', name: 'lake_info', arguments: '{"lake":"Bled"}' }],
      },
      { role: 'TOOL', toolCallId: 'call_0', content: [text('.')] },
      {
        role: 'ASSISTANT',
        content: [text('.')],
        toolCalls: [{ id: 'call_1', type: 'FUNCTION', name: 'lake_info', arguments: '{"lake":"Bohinj"}' }],
      },
      { role: 'TOOL', toolCallId: 'call_1', content: [text('Bohinj: 30 m')] },
    ]);
  });

  it('carry images as addresses and data, of users and of results', () => {
    const messages = calledConversation('Bled');
    messages[0]!.parts.push({ type: 'image', url: 'https://example.com/a.png', detail: 'high' });
    messages[2]!.parts = [
      {
        type: 'tool_result',
        callId: 'call_0',
        content: [
          { type: 'text', text: 'a map' },
          { type: 'image', mediaType: 'image/jpeg', data: '/9j/' },
        ],
        isError: true,
      },
      { type: 'text', text: 'what now?' },
    ];
    expect(messagesOf('xai.grok-4', messages)).toEqual([
      {
        role: 'USER',
        content: [
          text('Depth of the lakes?'),
          { type: 'IMAGE', imageUrl: { url: 'https://example.com/a.png', detail: 'HIGH' } },
        ],
      },
      expect.objectContaining({ role: 'ASSISTANT' }),
      { role: 'TOOL', toolCallId: 'call_0', content: [text('Error: a map\n[image: see the next message]')] },
      {
        role: 'USER',
        content: [{ type: 'IMAGE', imageUrl: { url: 'data:image/jpeg;base64,/9j/' } }, text('what now?')],
      },
    ]);
  });

  it('carry documents that are text, and refuse all others', () => {
    const document = (part: object): Message[] => [
      { role: 'user', parts: [{ type: 'document', ...part } as Message['parts'][number]] },
    ];
    expect(messagesOf('xai.grok-4', document({ name: 'a.txt', text: 'hello' }))).toEqual([
      { role: 'USER', content: [text('a.txt\n\nhello')] },
    ]);
    const data = Buffer.from('a,b').toString('base64');
    expect(messagesOf('xai.grok-4', document({ mediaType: 'text/csv', data }))).toEqual([
      { role: 'USER', content: [text('a,b')] },
    ]);
    const pdf = document({ mediaType: 'application/pdf', data: 'JVBERi0=' });
    expect(() => messagesOf('xai.grok-4', pdf)).toThrow(
      expect.objectContaining({ code: 'unsupported_field', status: 400, field: 'messages' }),
    );
    expect(() => messagesOf('xai.grok-4', document({ url: 'https://example.com/a.pdf' }))).toThrow(/documents/);
  });

  it('carry audio as a data URL', () => {
    const messages: Message[] = [{ role: 'user', parts: [{ type: 'audio', format: 'wav', data: 'UklGRg==' }] }];
    expect(messagesOf('google.gemini-2.5-pro', messages)).toEqual([
      { role: 'USER', content: [{ type: 'AUDIO', audioUrl: { url: 'data:audio/wav;base64,UklGRg==' } }] },
    ]);
  });

  it('leave thoughts and the billing header out, keep later instructions in place, begin with the user', () => {
    const { body, dropped } = encoded('xai.grok-4', {
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cch=1' },
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.' },
      ],
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'thinking', text: 'hm', signature: 's' },
            { type: 'text', text: 'Hi' },
          ],
        },
        { role: 'system', parts: [{ type: 'text', text: 'Now in French.' }] },
        { role: 'user', parts: [{ type: 'text', text: 'half \ud800' }] },
      ],
    });
    expect(body['chatRequest']).toHaveProperty('messages', [
      { role: 'SYSTEM', content: [text('Be brief.\n\nBe kind.')] },
      { role: 'USER', content: [text('...')] },
      { role: 'ASSISTANT', content: [text('Hi')] },
      { role: 'SYSTEM', content: [text('Now in French.')] },
      { role: 'USER', content: [text('half \ufffd')] },
    ]);
    expect(dropped).toEqual(['messages.thinking']);
  });

  it('give a call without its result one, and ids of any length a short form', () => {
    const messages = calledConversation('Bled').slice(0, 2);
    const [call] = messages[1]!.parts;
    if (call?.type === 'tool_call') call.id = 'x'.repeat(100);
    const [, assistant, tool] = messagesOf('xai.grok-4', messages) as Record<string, unknown>[];
    const [sent] = assistant!['toolCalls'] as { id: string }[];
    expect(sent?.id.length).toBeLessThanOrEqual(40);
    expect(tool).toEqual({
      role: 'TOOL',
      toolCallId: sent?.id,
      content: [text('Error: No result: the call was not carried out.')],
    });
  });
});
