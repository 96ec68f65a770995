import { randomUUID } from 'node:crypto';
import type { Json } from '../../../kit/json.ts';
import type { Block, Plan, PlanUsage } from '../plan.ts';
import type { Script } from '../script.ts';
import type { StreamTraits, WireEvent } from '../wire-event.ts';
import { scriptedError } from './errors.ts';
import { writeFrame } from './frame-writer.ts';
import { type Service, windowTokens } from './service.ts';

/** What one answer needs to know beside its plan. */
export interface AnswerShape {
  service: Service;
  model: string;
  conversationId: string;
  /** JSON 1.0 begins with `initial-response`. */
  hasInitial: boolean;
  /** The model thinks aloud in its text, as the request asked. */
  thinksByTags: boolean;
  script: Script;
}

const event = (name: string, payload: Json, kind: WireEvent['kind'] = 'frame'): WireEvent => ({
  name,
  data: JSON.stringify(payload),
  kind,
});

/** The events of one answer, in the service's order. There is none that says the end. */
export function* writeEvents(plan: Plan, shape: AnswerShape): Generator<WireEvent> {
  const { conversationId, script, service } = shape;
  if (shape.hasInitial) yield event('initial-response', { conversationId });
  yield event('messageMetadataEvent', { conversationId, utteranceId: randomUUID() });
  const last = plan.blocks.at(-1);
  for (const block of plan.blocks) yield* eventsOf(block, shape, script.openCall === true && block === last);
  if (script.openCall) return;
  if (plan.finish === 'length' || service.isRuntime) {
    const stopReason = plan.finish === 'length' ? 'MAX_TOKENS' : plan.finish === 'calls' ? 'TOOL_USE' : 'END_TURN';
    yield event('metadataEvent', { stopReason }, 'terminal');
  }
  yield event('meteringEvent', { usage: 0.0427, unit: 'credit', unitPlural: 'credits' }, 'terminal');
  if (plan.usage === undefined) return;
  if (script.tokenUsage || script.cached)
    yield event('metadataEvent', { tokenUsage: tokensOf(plan.usage) }, 'terminal');
  yield event('contextUsageEvent', { contextUsagePercentage: shareOf(plan.usage) }, 'terminal');
}

function* eventsOf(block: Block, { model, thinksByTags }: AnswerShape, staysOpen: boolean): Generator<WireEvent> {
  const text = (content: string): WireEvent => event('assistantResponseEvent', { content, modelId: model }, 'content');
  switch (block.type) {
    case 'thinking':
      if (thinksByTags)
        for (const piece of ['<think', 'ing>', ...block.pieces, '</thin', 'king>\n\n']) yield text(piece);
      else yield* reasoningEvents(block.pieces, block.signature);
      return;
    case 'redacted':
      yield event('reasoningContentEvent', { redactedContent: Buffer.from(block.data).toString('base64') }, 'content');
      return;
    case 'text':
      for (const piece of block.pieces) yield text(piece);
      return;
    case 'call':
      yield* callEvents(block, staysOpen);
  }
}

function* reasoningEvents(pieces: readonly string[], signature: string): Generator<WireEvent> {
  for (const text of pieces) yield event('reasoningContentEvent', { text }, 'content');
  yield event('reasoningContentEvent', { signature }, 'content');
}

/** Opening, pieces of the input's text, end; without arguments there are no pieces. */
function* callEvents(block: Block & { type: 'call' }, staysOpen: boolean): Generator<WireEvent> {
  const call = { name: block.name, toolUseId: `tooluse_Scripted${String(block.serial).padStart(8, '0')}` };
  yield event('toolUseEvent', call, 'content');
  const isEmpty = block.pieces.join('') === '{}';
  for (const input of isEmpty ? [] : block.pieces) yield event('toolUseEvent', { ...call, input }, 'content');
  if (!staysOpen) yield event('toolUseEvent', { ...call, stop: true });
}

const promptOf = (usage: PlanUsage): number => usage.uncached + usage.cacheRead + usage.cacheWrite;

/** Share of the window that prompt and answer take, 0 to 100. */
function shareOf(usage: PlanUsage): number {
  return ((promptOf(usage) + usage.output) / windowTokens) * 100;
}

function tokensOf(usage: PlanUsage): Json {
  return {
    uncachedInputTokens: usage.uncached,
    outputTokens: usage.output,
    totalTokens: promptOf(usage) + usage.output,
    cacheReadInputTokens: usage.cacheRead,
    cacheWriteInputTokens: usage.cacheWrite,
  };
}

/** Frames, and what goes wrong within a stream of them. */
export function traitsFor(service: Service, script: Script): StreamTraits {
  const harmless = [
    event('followupPromptEvent', {
      followupPrompt: { content: 'Shall I go on?', userIntent: 'SUGGEST_ALTERNATE_IMPLEMENTATION' },
    }),
    event('supplementaryWebLinksEvent', { supplementaryWebLinks: [{ url: 'https://example.org/a', title: 'A page' }] }),
    event('scriptedUnknownEvent', { content: 'must not be shown' }),
  ];
  return {
    errorEvent: errorEvent(service, script),
    chatter: Buffer.concat(harmless.map(encodeEvent)),
    frame: encodeEvent,
    cutsInside: true,
  };
}

function encodeEvent({ name = '', data, headers }: WireEvent): Buffer {
  if (headers !== undefined) return writeFrame(headers, data);
  return writeFrame({ ':event-type': name, ':content-type': 'application/json', ':message-type': 'event' }, data);
}

function errorEvent(service: Service, script: Script): WireEvent {
  const type = script.exception ?? 'throttlingException';
  if (type === 'error') {
    const headers = {
      ':message-type': 'error',
      ':error-code': 'InternalFailure',
      ':error-message': 'Internal failure.',
    };
    return { data: '', kind: 'terminal', headers };
  }
  if (type === 'invalidStateEvent')
    return event(type, { reason: 'INVALID_TASK_ASSIST_PLAN', message: 'The plan is not valid.' }, 'terminal');
  const { message, reason } = scriptedError(service, 'overloaded', script);
  const said = type === 'throttlingException' ? { message, reason: reason ?? null } : wordsOf(script);
  const headers = { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' };
  return { data: JSON.stringify(said), kind: 'terminal', headers };
}

const wordsOf = (script: Script): Json => ({
  message: script.errorMessage ?? 'Encountered an unexpected error when processing the request, please try again.',
  reason: script.errorReason ?? null,
});
