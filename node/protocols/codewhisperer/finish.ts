import type { Json } from '../../../kit/json.ts';
import type { FinishReason } from '../../conversation/contract.ts';

/** `metadataEvent.stopReason`, in the spelling of its capitals. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['END_TURN', 'stop'],
  ['TOOL_USE', 'tool_calls'],
  ['MAX_TOKENS', 'length'],
  ['STOP_SEQUENCE', 'stop_sequence'],
  ['CONTENT_FILTERED', 'refusal'],
  ['GUARDRAIL_INTERVENED', 'refusal'],
  ['REFUSAL', 'refusal'],
  ['PAUSE_TURN', 'pause'],
  ['MODEL_CONTEXT_WINDOW_EXCEEDED', 'context_window_exceeded'],
]);

/** What the service names as the cause of the end; undefined for what is no word of it. Its spelling is not settled. */
export function readStopReason(value: Json | undefined): FinishReason | undefined {
  return typeof value === 'string' ? reasons.get(value.toUpperCase().replaceAll(/[ -]/g, '_')) : undefined;
}

/** What an answer holds when its stream is over. */
export interface AnswerEnd {
  readonly named: FinishReason | undefined;
  readonly hasText: boolean;
  readonly hasThinking: boolean;
  readonly hasCalls: boolean;
  readonly isWindowFull: boolean;
  /** The body ended amid a call or a message. */
  readonly isCut: boolean;
}

/** Whether the end came because there was no more room: then a body that was cut is no broken stream. */
export function isOutOfRoom({ named, isWindowFull }: AnswerEnd): boolean {
  return named === 'length' || named === 'context_window_exceeded' || (named === undefined && isWindowFull);
}

/** Whether nothing was said and nothing named as the cause. Clients break on that, and another account may do better. */
export function isEmptyAnswer(end: AnswerEnd): boolean {
  const hasContent = end.hasText || end.hasThinking || end.hasCalls;
  return !hasContent && isPlain(end.named) && !end.isWindowFull;
}

/**
 * Why the answer ended. Clients run tools for `tool_calls` alone, so a whole call decides over a plain end. An answer that
 * ends in its thinking was cut short, whatever the service says: as a plain end, clients would take it for a turn in
 * which the model had nothing to say. No blank text is added to it: the encoders need none, and Anthropic refuses a
 * blank text when a client hands it back.
 */
export function finishOf({ named, hasText, hasCalls, isWindowFull, isCut }: AnswerEnd): FinishReason {
  if (named !== undefined && !isPlain(named)) return named;
  if (hasCalls && !isCut) return 'tool_calls';
  if (named === undefined && isWindowFull) return 'context_window_exceeded';
  return hasText ? 'stop' : 'length';
}

function isPlain(named: FinishReason | undefined): boolean {
  return named === undefined || named === 'stop' || named === 'tool_calls';
}
