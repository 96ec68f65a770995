/**
 * Dialects that have one field for opaque reasoning data (Responses: `encrypted_content`, Gemini: `thoughtSignature`)
 * carry in it, besides the signature of a thought, what the middle form keeps apart. The marks have the form that
 * `signature.ts` describes, so that no upstream ever takes them for a signature.
 */
import { signatureMark } from '../conversation/signature.ts';

const redactedMark = `${signatureMark}redacted`;
const callMark = `${signatureMark}toolcall`;

/** Data of a redacted thought, as a client keeps it. */
export function carryRedacted(data: string): string {
  return redactedMark + data;
}

/** The data of a redacted thought out of what a client sent back; undefined when it is something else. */
export function carriedRedacted(wire: string | undefined): string | undefined {
  return wire?.startsWith(redactedMark) ? wire.slice(redactedMark.length) : undefined;
}

/** A signature that belongs to the tool call that follows, for dialects whose calls have no field for one. */
export function carryCallSignature(wire: string): string {
  return callMark + wire;
}

export function carriedCallSignature(wire: string | undefined): string | undefined {
  return wire?.startsWith(callMark) ? wire.slice(callMark.length) : undefined;
}
