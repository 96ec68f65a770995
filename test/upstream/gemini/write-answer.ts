import type { Json, JsonObject } from '../../../kit/json.ts';
import type { Plan, PlanUsage } from '../plan.ts';
import type { StreamTraits, WireEvent } from '../wire-event.ts';
import { signCall, signText } from './call-signature.ts';

export interface GeminiFrame {
  model: string;
  responseId: string;
  /** Thoughts are told only to those who ask. */
  includeThoughts: boolean;
  /** Code Assist: `{"response": …, "traceId": …}` around every object. */
  isEnveloped: boolean;
  /** A JSON array in place of server-sent events. */
  isArray: boolean;
}

const finishReasons: Record<Plan['finish'], string> = {
  stop: 'STOP',
  stop_sequence: 'STOP',
  length: 'MAX_TOKENS',
  calls: 'STOP',
  refusal: 'SAFETY',
  pause: 'STOP',
};

/** The prompt's count includes what came from the cache; the candidates' excludes thoughts. */
export function usageMetadata(usage: PlanUsage): JsonObject {
  const prompt = usage.uncached + usage.cacheRead + usage.cacheWrite;
  const candidates = usage.output - usage.reasoning;
  return {
    promptTokenCount: prompt,
    cachedContentTokenCount: usage.cacheRead,
    candidatesTokenCount: candidates,
    thoughtsTokenCount: usage.reasoning,
    totalTokenCount: prompt + usage.output,
  };
}

/** Parts in the order in which they come; calls are always whole, and only the first of a step is signed. */
function* partsOf(plan: Plan, frame: GeminiFrame): Generator<JsonObject> {
  for (const block of plan.blocks) {
    if (block.type === 'thinking' && frame.includeThoughts)
      for (const text of block.pieces) yield { thought: true, text };
    if (block.type === 'text') for (const text of block.pieces) yield { text };
  }
  let isFirst = true;
  for (const block of plan.blocks) {
    if (block.type !== 'call') continue;
    const args = JSON.parse(block.pieces.join('')) as Json;
    const call: JsonObject = { functionCall: { name: block.name, args } };
    if (isFirst) call.thoughtSignature = signCall(frame.model, block.name);
    isFirst = false;
    yield call;
  }
}

export function writeObject(plan: Plan, frame: GeminiFrame): JsonObject {
  const parts: Json[] = [];
  for (const part of partsOf(plan, frame)) parts.push(part);
  const candidate: JsonObject = {
    index: 0,
    content: { role: 'model', parts },
    finishReason: finishReasons[plan.finish],
  };
  return enveloped({ candidates: [candidate], ...usageOf(plan), ...tail(frame) }, frame);
}

/** One object a piece; the last one has the finish reason, the signature of the text and the usage. */
export function* writeEvents(plan: Plan, frame: GeminiFrame): Generator<WireEvent> {
  const event = (kind: WireEvent['kind'], object: JsonObject): WireEvent => ({ data: JSON.stringify(object), kind });
  const chunk = (parts: Json[], more: JsonObject = {}): JsonObject => {
    const content: JsonObject = { role: 'model', parts };
    return enveloped({ candidates: [{ index: 0, content, ...more }], ...usageSoFar(plan), ...tail(frame) }, frame);
  };
  // The first one of Code Assist may have no response at all.
  if (frame.isEnveloped) yield event('frame', { traceId: frame.responseId });
  for (const part of partsOf(plan, frame)) yield event('content', chunk([part]));
  const last = enveloped(
    {
      candidates: [
        {
          index: 0,
          content: { role: 'model', parts: [{ text: '', thoughtSignature: signText(frame.model) }] },
          finishReason: finishReasons[plan.finish],
        },
      ],
      ...usageOf(plan),
      ...tail(frame),
    },
    frame,
  );
  yield event('terminal', last);
}

const usageOf = ({ usage }: Plan): JsonObject => (usage === undefined ? {} : { usageMetadata: usageMetadata(usage) });
/** Cumulative: the prompt is known from the start, the answer grows. */
const usageSoFar = ({ usage }: Plan): JsonObject =>
  usage === undefined
    ? {}
    : { usageMetadata: { promptTokenCount: usageMetadata(usage).promptTokenCount ?? 0, totalTokenCount: 1 } };
const tail = ({ model, responseId }: GeminiFrame): JsonObject => ({ modelVersion: model, responseId });

function enveloped(object: JsonObject, frame: GeminiFrame): JsonObject {
  return frame.isEnveloped ? { response: object, traceId: frame.responseId } : object;
}

const errorEvent: WireEvent = {
  data: JSON.stringify({ error: { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded. Please try again later.' } }),
  kind: 'terminal',
}; // prettier-ignore

/** No event names, no `[DONE]`; where nobody asked for events, one array whose elements come piece by piece. */
export function geminiTraits(isArray: boolean): StreamTraits {
  if (!isArray) return { errorEvent, chatter: ': scripted chatter\n\n' };
  let isFirst = true;
  const frame = ({ data, kind }: WireEvent): string => {
    const start = isFirst ? '[' : ',\n';
    isFirst = false;
    return `${start}${data}${kind === 'terminal' ? '\n]' : ''}`;
  };
  return { errorEvent, chatter: '\n', frame };
}
