import type { JsonObject } from '../../kit/json.ts';

/** What a scripted model can see of a request, whatever format it came in. Each API reads its own body into this. */
export interface Prompt {
  model: string;
  system: string;
  /** Text of the last user message. */
  text: string;
  /** Tool results of the last turn, in order. */
  results: { callId: string; text: string; isError: boolean }[];
  images: { mediaType: string; bytes: number }[];
  /** One letter per message: s, u, a, t (tool). */
  roles: string;
  tools: { name: string; schema: JsonObject }[];
  /** A tool that must be called, `true` for any. */
  forced: string | true | undefined;
  forbidsTools: boolean;
  forbidsParallel: boolean;
  maxTokens: number | undefined;
  stop: string[];
  wantsThinking: boolean;
  /** The answer must be JSON of this schema ({}: any object). */
  jsonSchema: JsonObject | undefined;
  inputTokens: number;
  /** Names the start of the prompt that a prompt cache would hold; undefined when the client marked nothing. */
  cachePrefix: string | undefined;
}

/** The scripted models' tokenizer: four UTF-8 bytes a token, rounded up. Tests can compute it by hand. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}
