/**
 * Signatures of thinking are bound to the provider that made them, byte by byte, and a client hands them back on its
 * next turn, maybe to another provider. So each carries its origin:
 *
 *   middle form     Anthropic's (also over AWS) as they are; all others with a mark in front, see `importSignature`
 *   to a client     its own dialect's as they are, all others marked, see `exportSignature`
 *   to an upstream  its own alone, without the mark, see `ownSignature`; anything else must not be sent
 *
 * The mark is 16 letters and digits: whole groups of base64, so that clients which decode a signature as base64 are
 * content, and free of characters that some JSON writers escape, so that it can be searched for in bytes.
 */
export type SignatureOrigin = 'anthropic' | 'gemini' | 'openai';

/** Begins every mark. A genuine signature begins with these eight characters once in 64^8. */
export const signatureMark = 'aiproxy0';

const marks: Record<SignatureOrigin, string> = {
  anthropic: `${signatureMark}claude00`,
  gemini: `${signatureMark}gemini00`,
  openai: `${signatureMark}openai00`,
};

/** Stands where a format demands a signature and there is none. Recognised and removed when it comes back. */
export const absentSignature = `${signatureMark}unsigned`;

/** A signature as it came from a client or upstream of this dialect, in the middle form; undefined for the absent one. */
export function importSignature(dialect: SignatureOrigin, wire: string | undefined): string | undefined {
  if (wire === undefined || wire === '' || wire === absentSignature) return undefined;
  if (wire.startsWith(marks.anthropic)) return wire.slice(marks.anthropic.length);
  return dialect === 'anthropic' || wire.startsWith(signatureMark) ? wire : marks[dialect] + wire;
}

/** A signature of the middle form as a client of this dialect may see it and hand it back. */
export function exportSignature(dialect: SignatureOrigin, signature: string | undefined): string | undefined {
  if (signature === undefined || signature === '') return undefined;
  const own = ownSignature(dialect, signature);
  if (own !== undefined) return own;
  return signature.startsWith(signatureMark) ? signature : marks.anthropic + signature;
}

/** The bare signature when an upstream of this dialect made it; undefined when it is foreign or absent. */
export function ownSignature(dialect: SignatureOrigin, signature: string | undefined): string | undefined {
  if (signature === undefined || signature === '') return undefined;
  if (dialect === 'anthropic') return signature.startsWith(signatureMark) ? undefined : signature;
  const mark = marks[dialect];
  return signature.startsWith(mark) ? signature.slice(mark.length) : undefined;
}
