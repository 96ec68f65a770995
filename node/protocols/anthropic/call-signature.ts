/**
 * Gemini signs its tool calls and demands the signature back; a `tool_use` block has no place for one. So it travels
 * in an empty thinking block in front of the call, which clients hand back as they got it.
 */
import type { Part } from '../../conversation/contract.ts';
import { ownSignature } from '../../conversation/signature.ts';

/** Gives calls the signatures that stand in front of them; all other parts stay as they are. */
export function attachCallSignatures(parts: readonly Part[]): Part[] {
  const attached: Part[] = [];
  for (const part of parts) {
    const signature = part.type === 'tool_call' ? carriedSignature(attached.at(-1)) : undefined;
    if (signature !== undefined) attached[attached.length - 1] = { ...part, signature } as Part;
    else attached.push(part);
  }
  return attached;
}

/** Only Gemini's: a hidden thought of another provider in front of a call is a thought of its own. */
function carriedSignature(part: Part | undefined): string | undefined {
  if (part?.type !== 'thinking' || part.text !== '') return undefined;
  return ownSignature('gemini', part.signature) === undefined ? undefined : part.signature;
}
