import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../../node/conversation/contract.ts';
import { calledConversation, chatRequest, encoded } from './oci-chat.ts';

const image: Message[] = [{ role: 'user', parts: [{ type: 'image', url: 'https://example.com/a.png' }] }];

describe('the format of a model', () => {
  it.each([
    ['xai.grok-4', 'GENERIC'],
    ['meta.llama-4-maverick-17b-128e-instruct-fp8', 'GENERIC'],
    ['google.gemini-2.5-pro', 'GENERIC'],
    ['mistral.large', 'GENERIC'],
    ['something-new', 'GENERIC'],
    ['cohere.command-r-plus-08-2024', 'COHERE'],
    ['cohere.command-a-03-2025', 'COHERE'],
    ['Cohere.command-a-reasoning-08-2025', 'COHEREV2'],
    ['cohere.command-a-vision-07-2025', 'COHEREV2'],
  ])('%s is %s', (model, format) => {
    expect(chatRequest(model)['apiFormat']).toBe(format);
  });

  it('of Cohere is the second where there are images, also in results', () => {
    expect(chatRequest('cohere.command-a-03-2025', { messages: image })['apiFormat']).toBe('COHEREV2');
    const messages = calledConversation('Bled');
    messages[2]!.parts = [{ type: 'tool_result', callId: 'call_0', content: [{ type: 'image', data: 'iVBORw==' }] }];
    expect(chatRequest('cohere.command-a-03-2025', { messages })['apiFormat']).toBe('COHEREV2');
    expect(chatRequest('xai.grok-4', { messages: image })['apiFormat']).toBe('GENERIC');
  });

  it('is what the account says', () => {
    const ocid = 'ocid1.generativeaimodel.oc1.us-chicago-1.example';
    for (const apiFormat of ['GENERIC', 'COHERE', 'COHEREV2'] as const) {
      expect(chatRequest(ocid, {}, { apiFormat })['apiFormat']).toBe(apiFormat);
      expect(chatRequest('cohere.command-r', {}, { apiFormat })['apiFormat']).toBe(apiFormat);
    }
    expect(() => encoded(ocid)).toThrow(
      expect.objectContaining({ status: 400, field: 'model', message: expect.stringContaining('api_format') }),
    );
    expect(() => encoded('cohere.command-r', { messages: image }, { apiFormat: 'COHERE' })).toThrow(/COHEREV2/);
  });

  it('decides the bound of Cohere: at most 4000 tokens on demand', () => {
    const onDemand = encoded('cohere.command-a-03-2025', { maxTokens: 32_000 });
    expect(onDemand.body['chatRequest']).toHaveProperty('maxTokens', 4000);
    expect(onDemand.dropped).toEqual(['max_tokens']);
    expect(encoded('cohere.command-a-vision-07-2025', {}, { defaultMaxTokens: 8192 })).toMatchObject({
      body: { chatRequest: { maxTokens: 4000 } },
      dropped: [],
    });
    const servingMode = { servingType: 'DEDICATED', endpointId: 'ocid1.generativeaiendpoint.oc1..example' };
    const dedicated = encoded('cohere.command-a-03-2025', { maxTokens: 32_000 }, { servingMode });
    expect(dedicated.body).toMatchObject({ servingMode, chatRequest: { maxTokens: 32_000 } });
    expect(chatRequest('xai.grok-4', { maxTokens: 32_000 })['maxTokens']).toBe(32_000);
  });
});
