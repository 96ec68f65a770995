import { describe, expect, it } from 'vitest';
import { saysContextTooLong } from '../../../node/protocols/context-overflow.ts';

describe('saysContextTooLong', () => {
  it.each([
    'prompt is too long: 210000 tokens > 200000 maximum',
    'Input is too long for requested model.',
    'input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000',
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
    'Your input exceeds the context window of this model.',
    'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).',
    'CONTENT_LENGTH_EXCEEDS_THRESHOLD',
    'Range of input length should be [1, 129024]',
    'context_length_exceeded',
  ])('knows %j', (message) => {
    expect(saysContextTooLong(undefined, message)).toBe(true);
  });

  it.each([
    undefined,
    400,
    'max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens',
    'tools.0.name: String should have at most 128 characters',
    'This request would exceed your rate limit of 40,000 input tokens per minute',
    'messages.0.content: field required',
  ])('does not take %j for it', (message) => {
    expect(saysContextTooLong(message)).toBe(false);
  });
});
