import type { JsonObject } from '../../../kit/json.ts';
import type { Effort, Thinking } from '../../conversation/contract.ts';
import type { CodewhispererTraits } from './contract.ts';

export interface EncodedThinking {
  /** Asks for thinking behind the text of the user. */
  readonly textTags?: string;
  /** Asks for thinking before the system prompt. */
  readonly systemTags?: string;
  /** Kiro's new hosts: `additionalModelRequestFields`. */
  readonly fields?: JsonObject;
  /** The client wants thinking and the model writes it into its text. */
  readonly readsTags: boolean;
  /** Thinking was asked for and is not to be had for this request. */
  readonly isDropped: boolean;
}

const budget = { min: 1_024, max: 24_576 };
/** Lengths that the clients of the two providers ask for. */
const defaultBudget = { 'text-tags': 16_000, 'system-tags': 20_000 } as const;

type SentEffort = 'low' | 'medium' | 'high';
const sentEffort: Readonly<Record<Effort, SentEffort | undefined>> = {
  none: undefined,
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};
const budgetByEffort: Readonly<Record<SentEffort, number>> = { low: 1_024, medium: 8_192, high: 16_384 };

/**
 * How the request asks for thinking. By tags it cannot on a turn of tool results: the service answers 400 to that; the
 * model may go on thinking in tags all the same, so they are read.
 */
export function encodeThinking(
  wish: Thinking | undefined,
  model: string,
  form: CodewhispererTraits['thinking'],
  isResultTurn: boolean,
): EncodedThinking {
  if (wish === undefined || wish.mode === 'off' || wish.effort === 'none') {
    return { readsTags: false, isDropped: false };
  }
  if (form === 'native') {
    const fields = nativeFields(wish, model);
    return fields === undefined
      ? { readsTags: false, isDropped: true }
      : { fields, readsTags: false, isDropped: false };
  }
  if (isResultTurn) return { readsTags: true, isDropped: true };
  return form === 'text-tags'
    ? { textTags: lengthTags('interleaved', wish, form), readsTags: true, isDropped: false }
    : { systemTags: systemTags(wish), readsTags: true, isDropped: false };
}

function systemTags(wish: Thinking): string {
  const isAdaptive = wish.budgetTokens === undefined && (wish.mode === 'adaptive' || wish.effort !== undefined);
  if (!isAdaptive) return lengthTags('enabled', wish, 'system-tags');
  const effort = sentEffort[wish.effort ?? 'medium'];
  return `<thinking_mode>adaptive</thinking_mode><thinking_effort>${effort}</thinking_effort>`;
}

function lengthTags(mode: string, wish: Thinking, form: 'text-tags' | 'system-tags'): string {
  const effort = wish.effort === undefined ? undefined : sentEffort[wish.effort];
  const wanted = wish.budgetTokens ?? (effort === undefined ? defaultBudget[form] : budgetByEffort[effort]);
  const length = Math.min(budget.max, Math.max(budget.min, Math.floor(wanted)));
  return `<thinking_mode>${mode}</thinking_mode><max_thinking_length>${length}</max_thinking_length>`;
}

/** Claude's and OpenAI's models have fields for it; of the others none are known. */
function nativeFields(wish: Thinking, model: string): JsonObject | undefined {
  const effort = effortOf(wish);
  if (/^gpt-/i.test(model)) return { reasoning: { effort: effort ?? 'medium' } };
  if (!/claude/i.test(model)) return undefined;
  const thinking = { type: 'adaptive', display: 'summarized' };
  return effort === undefined ? { thinking } : { output_config: { effort }, thinking };
}

function effortOf({ effort, budgetTokens }: Thinking): SentEffort | undefined {
  if (effort !== undefined) return sentEffort[effort];
  if (budgetTokens === undefined) return undefined;
  return budgetTokens <= 4_096 ? 'low' : budgetTokens <= 12_288 ? 'medium' : 'high';
}
