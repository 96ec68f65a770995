import type { Json, JsonObject } from '../../../kit/json.ts';
import type { FinishReason } from '../../conversation/contract.ts';
import type { AnswerContext } from '../contract.ts';

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

/** Ids are limited to 64 characters; the rest is for prefix and position. */
const idLengthMax = 40;

/** What all ids of one answer share: the upstream's id without its prefix, else the request's. */
export function idStem(upstreamId: string, requestId: string): string {
  const stem = upstreamId.replace(/^(?:resp|msg|chatcmpl|gen)[-_]/, '').replaceAll(/[^A-Za-z0-9_-]/g, '');
  return (stem === '' ? requestId : stem).slice(0, idLengthMax);
}

/** Fields of a finished answer that depend on how it went. */
export interface ResponseState {
  id: string;
  status: ResponseStatus;
  output: Json[];
  usage: JsonObject | null;
  finish?: FinishReason;
  error?: { code: string; message: string };
}

/**
 * `Response` of the API with every member that its types demand. What only the request knows (instructions, tools) is
 * given as the API's default.
 */
export function responseObject(state: ResponseState, context: AnswerContext): JsonObject {
  const createdAt = Math.floor(context.nowMs / 1000);
  const reason = state.status === 'incomplete' ? incompleteReason(state.finish) : undefined;
  return {
    id: state.id,
    object: 'response',
    created_at: createdAt,
    status: state.status,
    background: false,
    completed_at: state.status === 'completed' ? createdAt : null,
    error: state.error ?? null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: {},
    model: context.model,
    output: state.output,
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: 'default',
    store: false,
    temperature: null,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: null,
    truncation: 'disabled',
    usage: state.usage,
  };
}

/** How an answer that ended for this reason is labelled. */
export function statusOf(finish: FinishReason): 'completed' | 'incomplete' {
  return incompleteReason(finish) === undefined ? 'completed' : 'incomplete';
}

function incompleteReason(finish: FinishReason | undefined): string | undefined {
  if (finish === 'length' || finish === 'context_window_exceeded') return 'max_output_tokens';
  return finish === 'refusal' ? 'content_filter' : undefined;
}
