import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Tool } from '../../../../node/conversation/contract.ts';
import { encodeRequest } from '../../../../node/protocols/codewhisperer/encode-request.ts';
import { pngBase64 } from '../../../suites/conversations.ts';
import { anyConversation } from './conversation-arbitrary.ts';
import { amazonq, assistant, call, encode, image, kiro, model, result, runtime, specs, user } from './encoded.ts';
import { brokenRules } from './request-rules.ts';

describe('any conversation', () => {
  it.each([
    ['Amazon Q', amazonq],
    ['Kiro’s old hosts', kiro],
    ['Kiro’s new hosts', runtime],
  ])('keeps every rule of the service: %s', (_name, traits) => {
    fc.assert(
      fc.property(anyConversation, (given) => {
        let body: JsonObject;
        try {
          body = encodeRequest(given, traits, 200_000).body;
        } catch (error) {
          // Nothing said, or too many images at once: told to the client.
          expect(isFault(error) && error.status === 400).toBe(true);
          return;
        }
        expect(brokenRules(JSON.parse(JSON.stringify(body)) as JsonObject)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('gets its tools’ names back', () => {
    fc.assert(
      fc.property(anyConversation, (given) => {
        fc.pre(given.tools.length > 0 && given.toolChoice?.type !== 'none');
        fc.pre(given.messages.some((message) => message.parts.some(({ type }) => type === 'text')));
        let encoded;
        try {
          encoded = encodeRequest(given, kiro, 200_000);
        } catch (error) {
          expect(isFault(error)).toBe(true);
          return;
        }
        const { body, reading } = encoded;
        const back = specs(body).map(({ name }) => reading.toolNames.get(String(name)) ?? name);
        expect(back.slice(0, new Set(given.tools.map(({ name }) => name)).size)).toEqual([
          ...new Set(given.tools.map(({ name }) => name)),
        ]);
      }),
    );
  });
});

describe('a whole request', () => {
  const notice: Tool = {
    name: 'open_page',
    description: 'Opens a page of the manual.',
    schema: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] },
  };
  const opened = call('tooluse_Kp4mB2ccTt8s', 'open_page', '{"page":12}');

  it('has the form of Amazon Q’s clients', () => {
    const { body } = encode(
      [user('How much oil?'), assistant('I look it up.', opened), user(result('tooluse_Kp4mB2ccTt8s', '4.1 l'))],
      { system: [{ type: 'text', text: 'Be brief.' }], tools: [notice] },
      amazonq,
    );
    const envState = { operatingSystem: 'linux', currentWorkingDirectory: '/' };
    const frame = { modelId: model, origin: 'CLI' };
    expect(body).toEqual({
      conversationState: {
        conversationId: '11111111-2222-4333-8444-555555555555',
        chatTriggerType: 'MANUAL',
        history: [
          { userInputMessage: { content: 'Be brief.', ...frame, userInputMessageContext: { envState } } },
          { assistantResponseMessage: { content: 'Understood.' } },
          { userInputMessage: { content: 'How much oil?', ...frame, userInputMessageContext: { envState } } },
          {
            assistantResponseMessage: {
              content: 'I look it up.',
              toolUses: [{ toolUseId: 'tooluse_Kp4mB2ccTt8s', name: 'open_page', input: { page: 12 } }],
            },
          },
        ],
        currentMessage: {
          userInputMessage: {
            content: 'Tool results follow.',
            ...frame,
            userInputMessageContext: {
              envState,
              toolResults: [{ toolUseId: 'tooluse_Kp4mB2ccTt8s', status: 'success', content: [{ text: '4.1 l' }] }],
              tools: [
                {
                  toolSpecification: {
                    name: 'open_page',
                    description: 'Opens a page of the manual.',
                    inputSchema: {
                      json: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] },
                    },
                  },
                },
              ],
            },
          },
        },
      },
    });
  });

  it('has the form of Kiro’s', () => {
    const { body, reading, dropped } = encode(
      [
        user('What is this, and how much oil does it take?', image),
        assistant('A tractor.', opened),
        user({ type: 'tool_result', callId: 'tooluse_Kp4mB2ccTt8s', content: [], isError: true }),
      ],
      { system: [{ type: 'text', text: 'Be brief.' }], tools: [notice], stop: ['END'] },
    );
    const frame = { modelId: model, origin: 'AI_EDITOR' };
    expect(body).toEqual({
      profileArn: 'arn:aws:codewhisperer:us-east-1:444455556666:profile/TESTPROFILE1',
      conversationState: {
        conversationId: '11111111-2222-4333-8444-555555555555',
        agentContinuationId: '66666666-7777-4888-9999-aaaaaaaaaaaa',
        agentTaskType: 'vibe',
        chatTriggerType: 'MANUAL',
        history: [
          { userInputMessage: { content: 'Be brief.', ...frame } },
          { assistantResponseMessage: { content: 'Understood.' } },
          {
            userInputMessage: {
              content: 'What is this, and how much oil does it take?',
              ...frame,
              images: [{ format: 'png', source: { bytes: pngBase64 } }],
            },
          },
          {
            assistantResponseMessage: {
              content: 'A tractor.',
              toolUses: [{ toolUseId: 'tooluse_Kp4mB2ccTt8s', name: 'open_page', input: { page: 12 } }],
            },
          },
        ],
        currentMessage: {
          userInputMessage: {
            content: 'Tool results follow.',
            ...frame,
            userInputMessageContext: {
              toolResults: [{ toolUseId: 'tooluse_Kp4mB2ccTt8s', status: 'error', content: [{ text: '(no output)' }] }],
              tools: [
                {
                  toolSpecification: {
                    name: 'open_page',
                    description: 'Opens a page of the manual.',
                    inputSchema: {
                      json: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] },
                    },
                  },
                },
              ],
            },
          },
        },
      },
    });
    expect(dropped).toEqual([]);
    expect(reading).toMatchObject({ model, stop: ['END'], readsThinkingTags: false, contextTokens: 200_000 });
    // One image and some hundred words.
    expect(reading.estimatedInputTokens).toBeGreaterThan(1_500);
    expect(reading.estimatedInputTokens).toBeLessThan(2_000);
  });
});
