import { createHash } from 'node:crypto';
import { callIdLengthMax } from './schema.ts';

/**
 * An id that OpenAI takes. Ids of other providers may be longer; the short form is made of the id alone, so that call
 * and result agree in every later request without any state.
 */
export function upstreamCallId(id: string): string {
  if (id !== '' && id.length <= callIdLengthMax) return id;
  return `call_${createHash('sha256').update(id).digest('base64url').slice(0, 24)}`;
}
