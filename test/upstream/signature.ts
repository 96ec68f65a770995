import { createHmac, timingSafeEqual } from 'node:crypto';

/** Only this upstream knows it, as only the real vendor knows its own: forged signatures are told from genuine ones. */
const key = 'signs the thoughts of the scripted upstream';

const sign = (kind: string, text: string): string =>
  createHmac('sha256', key).update(`${kind}:${text}`).digest('base64');

/** Signature of a thinking block's text; byte-exact, as the vendor's is. */
export function signThinking(text: string): string {
  return `Eq${sign('thinking', text)}`;
}

export function isGenuineSignature(text: string, signature: string): boolean {
  const genuine = Buffer.from(signThinking(text));
  const given = Buffer.from(signature);
  return genuine.length === given.length && timingSafeEqual(genuine, given);
}

/** Data of a redacted thinking block: sealed text that only this upstream can open. */
export function sealThinking(text: string): string {
  const body = Buffer.from(text).toString('base64url');
  return `${body}.${sign('redacted', body)}`;
}

export function isGenuineSeal(data: string): boolean {
  const [body = '', seal = ''] = data.split('.');
  return seal === sign('redacted', body);
}
