import type { Sealer } from '../../cluster/contract.ts';
import type { KeptPrompt } from '../store/contract.ts';
import type { PromptRecord } from './contract.ts';

const headBytes = 4;

/** Bound to the request, so that no other's can be put in its place. */
function purposeOf(requestId: string): string {
  return `prompt/${requestId}`;
}

/**
 * Prompt and answer as they are stored, readable with the cluster's secret alone:
 *
 *     sealed (prompt's length u32 | prompt | answer)
 */
export function sealPrompt(record: PromptRecord, sealer: Sealer, nowMs: number): KeptPrompt {
  const { requestId, key, keepMs, prompt, answer } = record;
  const plain = new Uint8Array(headBytes + prompt.length + answer.length);
  new DataView(plain.buffer).setUint32(0, prompt.length);
  plain.set(prompt, headBytes);
  plain.set(answer, headBytes + prompt.length);
  const content = sealer.seal(purposeOf(requestId), plain);
  return { requestId, key, expiresAtMs: Math.floor(nowMs + keepMs), content };
}

/** As text; bytes that are none, as at a cut, become U+FFFD. Undefined where it was not sealed by this cluster for this request. */
export function openPrompt(
  requestId: string,
  content: Uint8Array,
  sealer: Sealer,
): { prompt: string; answer: string } | undefined {
  const plain = sealer.open(purposeOf(requestId), content);
  if (plain === undefined || plain.length < headBytes) return undefined;
  const end = headBytes + new DataView(plain.buffer, plain.byteOffset).getUint32(0);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return { prompt: decoder.decode(plain.subarray(headBytes, end)), answer: decoder.decode(plain.subarray(end)) };
}
