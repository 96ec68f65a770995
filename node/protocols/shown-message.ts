/** Longest part of an upstream's message that is shown, in characters: enough for a sentence or two. */
const lengthMax = 500;

/** Keys and tokens in the forms that providers give them. */
const credential =
  /\b(?:sk|rk|pk|gsk|xai|ya29|AIza|eyJ)[-_.A-Za-z0-9*]{8,}|\b(?:Bearer|key=)\s*[-_.A-Za-z0-9*]{8,}/g;

/** An upstream's message as a client may see it: one line of text, no HTML, no credential, of bounded length. */
export function shownMessage(message: unknown, otherwise: string): string {
  if (typeof message !== 'string') return otherwise;
  const line = message.slice(0, lengthMax * 2).replaceAll(/\s+/g, ' ').trim();
  if (line === '' || /<(?:!doctype|html|head|body)\b/i.test(line)) return otherwise;
  return line.replaceAll(credential, '[redacted]').slice(0, lengthMax);
}
