import type { Conversation, Part } from './contract.ts';

/** Providers charge an image by its pixels, which are not decoded here; 1500 is what a screen-sized one costs. */
const tokensPerImage = 1500;

/** Role, separators and the frame of a tool definition, each a few tokens in every provider's template. */
const tokensPerMessage = 4;
const tokensPerTool = 12;

/** Provider tokenizers differ; counting too much makes a client compact early, too little makes it overflow. */
const safetyFactor = 1.1;

/** Text beyond this is counted by its length: tokenizing a megabyte would hold the event loop for a second. */
const tokenizedCharsMax = 200_000;
const charsPerToken = 3.5;

/** Tokens of a prompt, estimated with the o200k vocabulary over everything that it holds. */
export async function estimateTokens(conversation: Conversation): Promise<number> {
  // The vocabulary takes some 30 MB: loaded only by a node that is asked to count.
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  let tokens = 0;
  let text = '';
  for (const part of conversation.system) text += `${part.text}\n`;
  for (const message of conversation.messages) {
    tokens += tokensPerMessage;
    for (const part of message.parts) {
      const counted = countPart(part);
      tokens += counted.tokens;
      text += counted.text;
    }
  }
  for (const tool of conversation.tools) {
    tokens += tokensPerTool;
    text += `${tool.name}\n${tool.description ?? ''}\n${JSON.stringify(tool.schema)}\n`;
  }
  const head = text.slice(0, tokenizedCharsMax);
  tokens += countTokens(head, { disallowedSpecial: new Set() }) + (text.length - head.length) / charsPerToken;
  return Math.ceil(tokens * safetyFactor);
}

function countPart(part: Part): { tokens: number; text: string } {
  switch (part.type) {
    case 'text':
    case 'thinking':
      return { tokens: 0, text: `${part.text}\n` };
    case 'tool_call':
      return { tokens: tokensPerMessage, text: `${part.name}\n${part.argumentsJson}\n` };
    case 'tool_result': {
      const inner = part.content.map((content) => countPart(content));
      return {
        tokens: tokensPerMessage + inner.reduce((sum, counted) => sum + counted.tokens, 0),
        text: inner.map((counted) => counted.text).join(''),
      };
    }
    case 'image':
      return { tokens: tokensPerImage, text: '' };
    case 'document':
      return { tokens: 0, text: part.text ?? (part.data ?? '').slice(0, tokenizedCharsMax) };
    default:
      return { tokens: tokensPerImage, text: '' };
  }
}
