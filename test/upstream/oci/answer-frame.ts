import type { Plan, PlanUsage } from '../plan.ts';
import type { JsonObject } from '../../../kit/json.ts';
import type { StreamTraits } from '../wire-event.ts';

/** Facts of one answer that its plan does not hold. */
export interface AnswerFrame {
  model: string;
  /** The request asked for usage in its stream. */
  includesUsage: boolean;
  /** Some deployments close without `[DONE]`. */
  saysDone: boolean;
}

export type CallBlock = Extract<Plan['blocks'][number], { type: 'call' }>;

export function callsOf({ blocks }: Plan): CallBlock[] {
  return blocks.filter((block) => block.type === 'call');
}

export const callId = ({ serial }: CallBlock): string => `call_${String(serial).padStart(24, '0')}`;

/** Text of the whole answer; an endless one has none. */
export function textOf({ blocks }: Plan): string {
  const texts = blocks.filter((block) => block.type === 'text').map(({ pieces }) => pieces);
  return texts.map((pieces) => (Array.isArray(pieces) ? pieces.join('') : 'endless')).join('');
}

export function thoughtOf({ blocks }: Plan): string | undefined {
  return blocks.find((block) => block.type === 'thinking')?.pieces.join('');
}

/** Prompt tokens include cached ones. */
export function usageOf(usage: PlanUsage): JsonObject {
  const promptTokens = usage.uncached + usage.cacheRead + usage.cacheWrite;
  return {
    promptTokens,
    completionTokens: usage.output,
    totalTokens: promptTokens + usage.output,
    promptTokensDetails: { cachedTokens: usage.cacheRead },
    completionTokensDetails: { reasoningTokens: usage.reasoning },
  };
}

/** The service hides how long an event is. */
export function padded(event: JsonObject): string {
  const pad = 'a'.repeat(1 + (JSON.stringify(event).length % 7));
  return JSON.stringify({ ...event, pad });
}

export const ociTraits: StreamTraits = {
  errorEvent: { data: JSON.stringify({ code: '500', message: 'Internal error occurred' }), kind: 'terminal' },
  chatter: ': keep-alive\n\n',
};
