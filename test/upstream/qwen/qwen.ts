import { isJsonObject } from '../../../kit/json.ts';
import type { Api, ApiCall, Reply } from '../api.ts';
import { writeCompletion } from '../openai-chat-write.ts';
import { readChatPrompt } from '../openai-prompt.ts';
import { makePlan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import type { Script } from '../script.ts';
import type { WireAnswer } from '../wire-event.ts';
import { checkQwenBody, type Door } from './check-body.ts';
import { checkKeyHeaders, checkPortalHeaders } from './check-gate.ts';
import { qwenError, qwenRefusal, refuseBare, tokenEnded } from './errors.ts';
import type { QwenOauth } from './oauth.ts';
import { searchAnswer } from './web-search.ts';
import { qwenTraits, qwenUsage, writeQwenChunks } from './write-chunks.ts';

export interface QwenState {
  readonly oauth: QwenOauth;
  /** As since April 2026: logins and refreshes succeed, every chat with their tokens is refused. */
  isFreeTierOver: boolean;
}

/** The portal (`/v1`, logins), Model Studio (`/compatible-mode/v1`, keys), the login service, and the search plugin. */
export function qwenApi(state: QwenState): Api {
  return {
    reply(call) {
      const login = state.oauth.answer(call);
      if (login !== undefined) return plain(login);
      const route = `${call.request.method} ${call.path}`;
      if (route === 'POST /v1/chat/completions') return chat(call, 'portal', state);
      if (route === 'POST /compatible-mode/v1/chat/completions') return chat(call, 'key', state);
      checkCredential(call, state);
      if (route === 'POST /api/v1/indices/plugin/web_search') return plain(searchAnswer(parse(call.body)));
      throw new Refusal(this.notFound(call));
    },
    notFound: () => qwenError({ status: 404, code: 'not_found', message: 'Not Found' }),
    failure: (message) => qwenError({ status: 500, code: 'internal_error', message }),
  };
}

const plain = (answer: WireAnswer): Reply => ({ type: 'answer', answer, script: {} });

let answers = 0;

function chat(call: ApiCall, door: Door, state: QwenState): Reply {
  checkCredential(call, door === 'portal' ? state : undefined);
  if (!/^application\/json\b/.test(String(call.request.headers['content-type']))) refuseBare();
  if (door === 'portal') checkPortalHeaders(call.request);
  else checkKeyHeaders(call.request);
  const given = parse(call.body);
  const script = call.scriptFor(isJsonObject(given) ? String(given.model) : '');
  const body = checkQwenBody(given, door);
  if (body.stream === true && !/text\/event-stream/.test(String(call.request.headers.accept))) refuseBare();
  if (script.error !== undefined) return { type: 'answer', answer: qwenRefusal(script.error, script), script };
  return written(body, script);
}

function written(body: ReturnType<typeof checkQwenBody>, script: Script): Reply {
  const prompt = { ...readChatPrompt(body), wantsThinking: body.enable_thinking === true };
  const plan = makePlan(prompt, script);
  const includeUsage = isJsonObject(body.stream_options) && body.stream_options.include_usage === true;
  const frame = {
    model: prompt.model,
    id: `chatcmpl-Scripted${String(++answers).padStart(8, '0')}`,
    created: Math.floor(Date.now() / 1000),
    includeUsage,
    interleaved: script.interleaved === true,
    loose: script.loose === true,
  };
  const headers = { 'content-type': 'application/json', 'x-request-id': frame.id };
  if (body.stream === true) {
    const events = writeQwenChunks(plan, frame);
    const streamed = { ...headers, 'content-type': 'text/event-stream;charset=UTF-8' };
    return { type: 'stream', headers: streamed, events, traits: qwenTraits, usage: plan.usage, script };
  }
  const completion = writeCompletion(plan, frame);
  if (plan.usage !== undefined) completion.usage = qwenUsage(plan.usage);
  const answer = { status: 200, headers, body: JSON.stringify(completion) };
  return { type: 'answer', answer, script, ...(plan.usage === undefined ? {} : { usage: plan.usage }) };
}

/** `state`: of the portal, whose logins no longer count once the free tier is over. */
function checkCredential(call: ApiCall, state: QwenState | undefined): void {
  const isGood = call.keyVerdict === 'good' && state?.isFreeTierOver !== true;
  if (!isGood) throw new Refusal(qwenError(tokenEnded));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return refuseBare();
  }
}
