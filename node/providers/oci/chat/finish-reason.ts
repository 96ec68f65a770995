import type { FinishReason, StreamEvent } from '../../../conversation/contract.ts';

const fromWire: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['complete', 'stop'],
  ['stop_sequence', 'stop_sequence'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['error_limit', 'length'],
  ['tool_calls', 'tool_calls'],
  ['tool_call', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'refusal'],
  ['error_toxic', 'refusal'],
  ['refusal', 'refusal'],
]);

const failures: ReadonlySet<string> = new Set(['error', 'user_cancel']);

/** Whether this word says that the upstream failed. */
export function isFailure(word: string): boolean {
  return failures.has(word.toLowerCase());
}

/**
 * The end of an answer. GENERIC writes its words in lower case, Cohere in upper case. A call in the answer outweighs
 * an ordinary end, and the word for calls without a call is an ordinary end; so is an unknown word. The sequence that
 * stopped is not said: it is known where the request had one.
 */
export function finishEvent(
  word: string,
  saw: { readonly toolCall: boolean; readonly refusal: boolean },
  stop: readonly string[],
): StreamEvent {
  const reason = reasonOf(fromWire.get(word.toLowerCase()) ?? 'stop', saw);
  const [only] = stop;
  if (reason !== 'stop_sequence' || only === undefined || stop.length > 1) return { type: 'finish', reason };
  return { type: 'finish', reason, stopSequence: only };
}

function reasonOf(known: FinishReason, saw: { readonly toolCall: boolean; readonly refusal: boolean }): FinishReason {
  const isOrdinary = known === 'stop' || known === 'tool_calls';
  if (!isOrdinary) return known;
  if (saw.toolCall) return 'tool_calls';
  return saw.refusal ? 'refusal' : 'stop';
}
