import { createHmac } from 'node:crypto';

/** Only this upstream knows it, so that forged and foreign signatures are told from its own. */
const key = 'signs the thoughts of the scripted Gemini';

/** What a client may write where it has no signature of this model's: the documented escape. */
export const escapeValue = 'skip_thought_signature_validator';

/** The signature of one model on the call of one function. */
export function signCall(model: string, name: string): string {
  return `Cg${createHmac('sha256', key).update(`${model}\n${name}`).digest('base64')}`;
}

/** The one on a text, which nobody must bring back. */
export const signText = (model: string): string => signCall(model, '');

export function isGenuine(model: string, name: string, signature: string): boolean {
  return signature === escapeValue || signature === signCall(model, name) || signature === signText(model);
}
