import { isJsonObject, type JsonObject } from '../../kit/json.ts';
import type { Api, ApiCall, Reply } from './api.ts';
import { chatTraits, writeChunks, writeCompletion } from './openai-chat-write.ts';
import { checkChatBody } from './openai-check.ts';
import { embeddings } from './openai-embeddings.ts';
import { openaiError, openaiRefusal } from './openai-errors.ts';
import { readChatPrompt } from './openai-prompt.ts';
import { refuse } from './openai-refuse.ts';
import { checkResponsesBody } from './openai-responses-check.ts';
import { readResponsesPrompt } from './openai-responses-prompt.ts';
import { responsesTraits, writeResponse, writeResponseEvents } from './openai-responses-write.ts';
import { makePlan } from './plan.ts';
import { Refusal } from './refusal.ts';
import type { Script } from './script.ts';
import { vendorHeaders } from './vendor-headers.ts';
import type { WireAnswer } from './wire-event.ts';

/** The OpenAI API: `/v1/chat/completions`, `/v1/responses`, `/v1/embeddings`, `/v1/models`. */
export const openai: Api = {
  reply(call) {
    checkKey(call);
    const route = `${call.request.method} ${call.path}`;
    if (route === 'GET /v1/models') return models(call);
    if (route === 'POST /v1/chat/completions') return answered(call, chat);
    if (route === 'POST /v1/responses') return answered(call, responses);
    if (route === 'POST /v1/embeddings') {
      return answered(call, (body, script) => ({ type: 'answer', answer: json(embeddings(body)), script }));
    }
    throw new Refusal(this.notFound(call));
  },
  notFound: (call) => openaiError(404, `Invalid URL (${call.request.method} ${call.path})`),
  failure: (message) => openaiError(500, message, { type: 'server_error' }),
};

let answers = 0;
const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  ...vendorHeaders.openai,
};

/** Reads the body, finds its script, refuses where the script says so, else answers. */
function answered(call: ApiCall, answer: (body: unknown, script: Script) => Reply): Reply {
  if (!/^application\/json\b/.test(String(call.request.headers['content-type']))) {
    refuse('you must provide a model parameter');
  }
  const body = parseJson(call.body);
  const model = isJsonObject(body) && typeof body.model === 'string' ? body.model : '';
  const script = call.scriptFor(model);
  if (script.error !== undefined) return { type: 'answer', answer: openaiRefusal(script.error, script, model), script };
  return answer(body, script);
}

function chat(body: unknown, script: Script): Reply {
  const checked = checkChatBody(body);
  const prompt = readChatPrompt(checked);
  const plan = makePlan(prompt, script);
  const includeUsage = isJsonObject(checked.stream_options) && checked.stream_options.include_usage === true;
  const frame = {
    model: prompt.model,
    id: `chatcmpl-Scripted${String(++answers).padStart(8, '0')}`,
    created: Math.floor(Date.now() / 1000),
    includeUsage,
    interleaved: script.interleaved === true,
  };
  if (checked.stream === true) {
    return {
      type: 'stream',
      headers: streamHeaders,
      events: writeChunks(plan, frame),
      traits: chatTraits,
      usage: plan.usage,
      script,
    };
  }
  return {
    type: 'answer',
    answer: json(writeCompletion(plan, frame)),
    script,
    ...(plan.usage === undefined ? {} : { usage: plan.usage }),
  };
}

function responses(body: unknown, script: Script): Reply {
  const checked = checkResponsesBody(body);
  const prompt = readResponsesPrompt(checked);
  const plan = makePlan(prompt, script);
  const frame = {
    request: checked,
    id: `resp_Scripted${String(++answers).padStart(8, '0')}`,
    created: Math.floor(Date.now() / 1000),
  };
  if (checked.stream === true) {
    return {
      type: 'stream',
      headers: streamHeaders,
      events: writeResponseEvents(plan, frame),
      traits: responsesTraits,
      usage: plan.usage,
      script,
    };
  }
  return {
    type: 'answer',
    answer: json(writeResponse(plan, frame)),
    script,
    ...(plan.usage === undefined ? {} : { usage: plan.usage }),
  };
}

function models(call: ApiCall): Reply {
  const script = call.scriptFor('');
  if (script.error !== undefined) return { type: 'answer', answer: openaiRefusal(script.error, script, ''), script };
  const data = call.listedModels.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'scripted' }));
  return { type: 'answer', answer: json({ object: 'list', data }), script };
}

const json = (body: JsonObject): WireAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...vendorHeaders.openai },
  body: JSON.stringify(body),
});

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return refuse(
      'We could not parse the JSON body of your request. (HINT: This likely means you aren’t using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)',
    );
  }
}

function checkKey(call: ApiCall): void {
  if (call.keyVerdict === 'good') return;
  if (call.keyVerdict === 'missing') {
    throw new Refusal(
      openaiError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
      ),
    );
  }
  const shown = `${call.key?.slice(0, 3)}***`;
  throw new Refusal(
    openaiError(
      401,
      `Incorrect API key provided: ${shown}. You can find your API key at https://platform.openai.com/account/api-keys.`,
      { code: 'invalid_api_key' },
    ),
  );
}
