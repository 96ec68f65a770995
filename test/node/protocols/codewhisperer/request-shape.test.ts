import { describe, expect, it } from 'vitest';
import { requestShape } from '../../../../node/protocols/codewhisperer/request-shape.ts';

const secret = 'what nobody else may read';

describe('the shape of a request', () => {
  it('tells sizes and numbers, and nothing of what is said', () => {
    const content = secret;
    const tools = [{ toolSpecification: { name: secret } }];
    const body = JSON.stringify({
      profileArn: `arn:aws:${secret}`,
      conversationState: {
        history: [
          { userInputMessage: { content, images: [{}] } },
          { assistantResponseMessage: { content: ' ', toolUses: [{}, {}] } },
        ],
        currentMessage: {
          userInputMessage: {
            content,
            modelId: 'claude-sonnet-4.5',
            userInputMessageContext: { toolResults: [{}, {}], tools },
          },
        },
      },
    });
    const shape = requestShape(body);
    expect(shape).toEqual({
      size_bytes: Buffer.byteLength(body),
      entries: 3,
      last_entries: 'user 25+1i, assistant 1+2c, user 25+2r',
      tools: 1,
      tools_size_bytes: JSON.stringify(tools).length,
      model: 'claude-sonnet-4.5',
      has_profile: true,
    });
    expect(JSON.stringify(shape)).not.toContain(secret);
  });

  it('is told of any JSON object', () => {
    expect(requestShape('{}')).toMatchObject({ entries: 1, last_entries: 'assistant 0', tools: 0, has_profile: false });
  });
});
