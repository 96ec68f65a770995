import { openaiError } from './openai-errors.ts';
import { Refusal } from './refusal.ts';

/** Refuses as the OpenAI API does for a body that does not fit its schema. */
export function refuse(message: string, param: string | null = null, code: string | null = null): never {
  throw new Refusal(openaiError(400, message, { param, code }));
}
