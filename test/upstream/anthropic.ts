import { isJsonObject, type JsonObject } from '../../kit/json.ts';
import { checkBody } from './anthropic-check.ts';
import { anthropicError, anthropicRefusal } from './anthropic-errors.ts';
import { anthropicInputTokens, readAnthropicPrompt } from './anthropic-prompt.ts';
import { refuse } from './anthropic-refuse.ts';
import { anthropicTraits, writeEvents, writeMessage } from './anthropic-write.ts';
import type { Api, ApiCall, Reply } from './api.ts';
import { makePlan } from './plan.ts';
import { Refusal } from './refusal.ts';
import type { Script } from './script.ts';
import { vendorHeaders } from './vendor-headers.ts';
import type { WireAnswer } from './wire-event.ts';

/** The Messages API: `/v1/messages`, `/v1/messages/count_tokens`, `/v1/models`. */
export const anthropic: Api = {
  reply(call) {
    checkKey(call);
    const betas = checkHeaders(call);
    const route = `${call.request.method} ${call.path}`;
    if (route === 'POST /v1/messages') return messages(call, betas);
    if (route === 'POST /v1/messages/count_tokens') return countTokens(call, betas);
    if (route === 'GET /v1/models') return models(call);
    throw new Refusal(this.notFound(call));
  },
  notFound: (call) => anthropicError(404, 'not_found_error', `Not found: ${call.path}`),
  failure: (message) => anthropicError(500, 'api_error', message),
};

let answers = 0;

function messages(call: ApiCall, betas: string[]): Reply {
  const body = parseJson(call.body);
  const script = call.scriptFor(modelOf(body));
  if (script.error !== undefined) return refusal(script, body);
  const checked = checkBody(body, { betas, isCount: false, version: versionOf(call) });
  const prompt = readAnthropicPrompt(checked);
  const plan = makePlan(prompt, script);
  const id = `msg_01Scripted${String(++answers).padStart(8, '0')}`;
  const headers = vendorHeaders.anthropic;
  if (checked.stream === true) {
    const stream = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers };
    return {
      type: 'stream',
      headers: stream,
      events: writeEvents(plan, prompt.model, id),
      traits: anthropicTraits,
      usage: plan.usage,
      script,
    };
  }
  const answer = json(writeMessage(plan, prompt.model, id), headers);
  return { type: 'answer', answer, script, ...(plan.usage === undefined ? {} : { usage: plan.usage }) };
}

function countTokens(call: ApiCall, betas: string[]): Reply {
  const body = parseJson(call.body);
  const script = call.scriptFor(modelOf(body));
  if (script.error !== undefined) return refusal(script, body);
  const answer = json(
    { input_tokens: anthropicInputTokens(checkBody(body, { betas, isCount: true, version: versionOf(call) })) },
    vendorHeaders.anthropic,
  );
  return { type: 'answer', answer, script };
}

/** Pages of `limit` (20 by default) after `after_id` (docs: api/models-list). */
function models(call: ApiCall): Reply {
  const script = call.scriptFor('');
  if (script.error !== undefined) return { type: 'answer', answer: anthropicRefusal(script.error, script, ''), script };
  const limit = Number(call.query.get('limit') ?? 20);
  const start = call.listedModels.indexOf(call.query.get('after_id') ?? '') + 1;
  const page = call.listedModels.slice(start, start + limit);
  const data = page.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-09-29T00:00:00Z' }));
  const hasMore = start + limit < call.listedModels.length;
  return {
    type: 'answer',
    answer: json(
      { data, has_more: hasMore, first_id: page[0] ?? null, last_id: page.at(-1) ?? null },
      vendorHeaders.anthropic,
    ),
    script,
  };
}

const json = (body: JsonObject, headers: Record<string, string>): WireAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

function refusal(script: Script, body: unknown): Reply {
  return { type: 'answer', answer: anthropicRefusal(script.error ?? 'server-error', script, modelOf(body)), script };
}

function modelOf(body: unknown): string {
  return isJsonObject(body) && typeof body.model === 'string' ? body.model : '';
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    return refuse(`The request body is not valid JSON: ${String(error)}`);
  }
}

function checkKey(call: ApiCall): void {
  if (call.keyVerdict === 'good') return;
  const isBearer = call.request.headers['x-api-key'] === undefined && call.key !== undefined;
  const message =
    call.keyVerdict === 'missing'
      ? 'x-api-key header is required'
      : isBearer
        ? 'Invalid bearer token'
        : 'invalid x-api-key';
  throw new Refusal(anthropicError(401, 'authentication_error', message));
}

const versionOf = (call: ApiCall): string => String(call.request.headers['anthropic-version']);

/** Versions of the API (docs: api/versioning). */
const versions = new Set(['2026-10-21', '2023-06-01', '2023-01-01']);

/** Beta headers that the API takes end in a date; anything else is refused by name. */
const betaPattern = /^[a-z0-9-]+-\d{4}-\d{2}-\d{2}$/;

function checkHeaders(call: ApiCall): string[] {
  const { headers } = call.request;
  if (headers['anthropic-version'] === undefined) refuse('anthropic-version: header is required');
  if (!versions.has(String(headers['anthropic-version']))) {
    refuse(`anthropic-version: "${String(headers['anthropic-version'])}" is not a valid version`);
  }
  const betas = String(headers['anthropic-beta'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  // Claude Code names its own betas with dates of eight digits (claude-code-20250219).
  const odd = betas.find((name) => !betaPattern.test(name) && !/^[a-z0-9-]+-\d{8}$/.test(name));
  if (odd !== undefined)
    refuse(
      `Unexpected value(s) \`${odd}\` for the \`anthropic-beta\` header. Please consult our documentation at docs.claude.com or try again without the header.`,
    );
  if (call.request.method === 'POST' && !/^application\/json\b/.test(String(headers['content-type']))) {
    refuse('content-type: must be application/json');
  }
  return betas;
}
