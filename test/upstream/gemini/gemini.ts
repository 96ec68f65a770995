import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { type Api, type ApiCall, noUsage, type Reply } from '../api.ts';
import { countTokens } from '../prompt.ts';
import { makePlan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import type { Script } from '../script.ts';
import type { WireAnswer } from '../wire-event.ts';
import { checkConfig } from './check-config.ts';
import { checkContents, checkPart } from './check-contents.ts';
import { checkTools } from './check-tools.ts';
import { loadCodeAssist, onboardUser, operation } from './discovery.ts';
import { googleError, googleRefusal, inArray, refuse } from './errors.ts';
import { listModels } from './list-models.ts';
import { readPrompt } from './read-prompt.ts';
import { listOf, objectOf, textOf } from './shape.ts';
import type { GeminiState } from './state.ts';
import { geminiTraits, writeEvents, writeObject } from './write-answer.ts';

/** Members of the public body. */
const publicMembers = ['contents', 'systemInstruction', 'cachedContent', 'tools', 'toolConfig', 'safetySettings', 'generationConfig']; // prettier-ignore
/** Code Assist takes these inside `request` as well. */
const assistMembers = [...publicMembers, 'labels', 'session_id'];

interface Door {
  isAssist: boolean;
  model: string;
  method: string;
  body: JsonObject;
}

/** The public API below `/v1beta` (keys), Code Assist below `/v1internal` (logins), and the login service. */
export function geminiApi(state: GeminiState): Api {
  return {
    reply(call) {
      const login = state.oauth.answer(call);
      if (login !== undefined) return plain(login);
      try {
        return answered(call, state);
      } catch (error) {
        if (error instanceof Refusal && isStreaming(call)) throw new Refusal(inArray(error.answer));
        throw error;
      }
    },
    notFound: () => googleError({ code: 404, status: 'NOT_FOUND', message: 'Requested entity was not found.' }),
    failure: (message) => googleError({ code: 500, status: 'INTERNAL', message }),
  };
}

const plain = (answer: WireAnswer): Reply => ({ type: 'answer', answer, script: {} });
const json = (body: JsonObject): Reply =>
  plain({ status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, body: JSON.stringify(body) });
const isStreaming = (call: ApiCall): boolean => call.path.endsWith(':streamGenerateContent');

function answered(call: ApiCall, state: GeminiState): Reply {
  const { method } = call.request;
  const isAssist = call.path.startsWith('/v1internal');
  checkCredential(call, isAssist);
  const listing = method === 'GET' ? listed(call, state) : undefined;
  if (listing !== undefined) return listing;
  if (method !== 'POST') throw new Refusal(notFound);
  if (!/^application\/json\b/.test(String(call.request.headers['content-type']))) refuse('unexpected content type');
  const body = parse(call.body);
  return isAssist ? assist(call, body, state) : publicCall(call, body, state);
}

const notFound = googleError({ code: 404, status: 'NOT_FOUND', message: 'Requested entity was not found.' });

function listed(call: ApiCall, state: GeminiState): Reply | undefined {
  if (call.path === '/v1internal/operations/onboard-1') return json(operation(state));
  if (call.path === '/v1beta/models') {
    const script = call.scriptFor('');
    if (script.error !== undefined)
      return { type: 'answer', answer: googleRefusal(script.error, script, state.delayIn), script };
    return json(listModels(call.listedModels, call.query));
  }
  const [, name] = /^\/v1beta\/models\/([^/:]+)$/.exec(call.path) ?? [];
  if (name === undefined || !call.listedModels.includes(name)) return undefined;
  return json({ name: `models/${name}`, displayName: name, supportedGenerationMethods: ['generateContent'] });
}

function assist(call: ApiCall, body: JsonObject, state: GeminiState): Reply {
  const method = call.path.slice('/v1internal:'.length);
  if (!/^GeminiCLI\/[\d.]+\/\S+ \([a-z0-9]+; [a-z0-9_]+; \S+\)$/.test(String(call.request.headers['user-agent'])))
    refuse('unknown client');
  if (method === 'loadCodeAssist') return json(loadCodeAssist(body, state));
  if (method === 'onboardUser') return json(onboardUser(body, state));
  if (method === 'countTokens') return assistCount(body);
  if (method === 'retrieveUserQuota') return quota(body, state);
  const outer = objectOf(body, '', ['model', 'project', 'user_prompt_id', 'request', 'enabled_credit_types']);
  const model = textOf(outer.model, 'model');
  if (model.includes('/')) refuse('model: is not a bare name');
  if (!state.projects.has(String(outer.project))) throw new Refusal(foreignProject(outer.project));
  textOf(outer.user_prompt_id, 'user_prompt_id');
  return generate(
    call,
    { isAssist: true, model, method, body: objectOf(outer.request, 'request', assistMembers) },
    state,
  );
}

function publicCall(call: ApiCall, body: JsonObject, state: GeminiState): Reply {
  const [, name = '', method = ''] = /^\/v1beta\/models\/([^/]+):(\w+)$/.exec(call.path) ?? [];
  const model = decodeURIComponent(name);
  if (model === '') throw new Refusal(notFound);
  if (method === 'countTokens') return publicCount(body, model);
  return generate(call, { isAssist: false, model, method, body: objectOf(body, '', publicMembers) }, state);
}

let answers = 0;

function generate(call: ApiCall, door: Door, state: GeminiState): Reply {
  const isStream = door.method === 'streamGenerateContent';
  if (!isStream && door.method !== 'generateContent') throw new Refusal(notFound);
  const script = call.scriptFor(door.model);
  const config = checkConfig(door.body, door.model);
  checkSystem(door.body, door.model);
  checkTools(door.body, door.model);
  const turns = checkContents(door.body.contents, door.model);
  if (script.error !== undefined) {
    const answer = googleRefusal(script.error, script, state.delayIn);
    return { type: 'answer', answer: isStream ? inArray(answer) : answer, script };
  }
  const prompt = readPrompt(door.model, door.body, turns, config);
  return written(
    door,
    prompt.wantsThinking,
    makePlan(prompt, script),
    isStream && call.query.get('alt') !== 'sse',
    script,
  );
}

function written(
  door: Door,
  includeThoughts: boolean,
  plan: ReturnType<typeof makePlan>,
  isArray: boolean,
  script: Script,
): Reply {
  const responseId = `scripted-${++answers}`;
  const frame = { model: door.model, responseId, includeThoughts, isEnveloped: door.isAssist, isArray };
  const usage = plan.usage;
  if (door.method === 'streamGenerateContent') {
    const headers = { 'content-type': isArray ? 'application/json; charset=UTF-8' : 'text/event-stream' };
    return { type: 'stream', headers, events: writeEvents(plan, frame), traits: geminiTraits(isArray), usage, script };
  }
  const answer = {
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify(writeObject(plan, frame), null, 2),
  };
  return { type: 'answer', answer, script, ...(usage === undefined ? {} : { usage }) };
}

function checkSystem({ systemInstruction }: JsonObject, model: string): void {
  if (systemInstruction === undefined) return;
  const { parts } = objectOf(systemInstruction, 'system_instruction', ['role', 'parts']);
  const list = listOf(parts, 'system_instruction.parts');
  if (list.length === 0) refuse('system_instruction.parts: must not be empty.');
  for (const part of list)
    if (checkPart(part, 'system_instruction', 'user', model).text === undefined)
      refuse('system_instruction: text only.');
}

function quota(body: JsonObject, state: GeminiState): Reply {
  const { project } = objectOf(body, '', ['project']);
  if (!state.projects.has(String(project))) throw new Refusal(foreignProject(project));
  return json({ buckets: [{ modelId: 'gemini-2.5-pro', tokenType: 'REQUESTS', remainingFraction: 1 }] });
}

function foreignProject(project: Json | undefined): WireAnswer {
  const message = `Permission denied on resource project ${String(project)}.`;
  return googleError({ code: 403, status: 'PERMISSION_DENIED', message });
}

/** The contents alone count: no model or project outside, no settings within, and the model's name has its prefix. */
function assistCount(body: JsonObject): Reply {
  const { request } = objectOf(body, '', ['request']);
  const { model, contents } = objectOf(request, 'request', ['model', 'contents']);
  if (!textOf(model, 'request.model').startsWith('models/')) refuse('request.model: unexpected model name format');
  return counted(contents, String(model));
}

function publicCount(body: JsonObject, model: string): Reply {
  const outer = objectOf(body, '', ['contents', 'generateContentRequest']);
  if (outer.generateContentRequest === undefined) return counted(outer.contents, model);
  const inner = objectOf(outer.generateContentRequest, 'generate_content_request', [...publicMembers, 'model']);
  if (inner.model !== `models/${model}`) refuse('generate_content_request.model: must be the model of the address');
  checkTools(inner, model);
  checkSystem(inner, model);
  return counted(inner.contents, model, [inner.systemInstruction, inner.tools]);
}

function counted(contents: Json | undefined, model: string, besides: (Json | undefined)[] = []): Reply {
  checkContents(contents, model);
  const parts = [contents, ...besides].filter((part) => part !== undefined);
  const tokens = parts.map((part) => countTokens(JSON.stringify(part)));
  const answer = json({ totalTokens: tokens.reduce((sum, each) => sum + each, 0) });
  return { ...answer, usage: noUsage } as Reply;
}

function checkCredential(call: ApiCall, isAssist: boolean): void {
  const hasBearer = call.request.headers.authorization !== undefined;
  if (isAssist) {
    const isPure = hasBearer && call.request.headers['x-goog-api-key'] === undefined && !call.query.has('key');
    if (!isPure || call.keyVerdict !== 'good') throw new Refusal(googleRefusal('expired', {}, 'retry-info'));
    if (call.request.headers['x-goog-user-project'] !== undefined) refuse('x-goog-user-project: not here');
    return;
  }
  if (call.keyVerdict === 'missing') {
    const message = "Method doesn't allow unregistered callers (callers without established identity).";
    throw new Refusal(googleError({ code: 403, status: 'PERMISSION_DENIED', message }));
  }
  if (call.keyVerdict === 'bad' || hasBearer) {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
    ];
    const message = 'API key not valid. Please pass a valid API key.';
    throw new Refusal(googleError({ code: 400, status: 'INVALID_ARGUMENT', message, details }));
  }
}

function parse(body: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isJsonObject(value) ? value : refuse('Invalid JSON payload received.');
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return refuse('Invalid JSON payload received. Expected a value.');
  }
}
