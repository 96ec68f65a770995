import { randomUUID } from 'node:crypto';
import type { Json } from '../../../kit/json.ts';
import type { Api, ApiCall, Reply } from '../api.ts';
import { parseScript } from '../parse-script.ts';
import { makePlan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import type { Script } from '../script.ts';
import { type Accounts, checkProfile } from './accounts.ts';
import { checkBody, type ChatBody } from './check-body.ts';
import { errorAnswer, type Form, refuserFor, scriptedAnswer, wrongCredential } from './errors.ts';
import { type Checks, checksFor } from './fields.ts';
import { asksByTags, readPrompt } from './read-prompt.ts';
import type { Service } from './service.ts';
import {
  answerSideCall,
  bodyParameters,
  queryParameters,
  restSideCall,
  sidePaths,
  type SideOperation,
  targetSideCall,
} from './side-call.ts';
import { traitsFor, writeEvents } from './write-events.ts';

export type OperationCounts = Record<SideOperation | 'GenerateAssistantResponse', number>;

/** The operation and its side calls, on both forms and one origin. */
export class AssistantApi implements Api {
  readonly counts: OperationCounts = {
    GenerateAssistantResponse: 0,
    GetUsageLimits: 0,
    ListAvailableModels: 0,
    ListAvailableProfiles: 0,
  };
  readonly #service: Service;
  readonly #accounts: Accounts;

  constructor(service: Service, accounts: Accounts) {
    this.#service = service;
    this.#accounts = accounts;
  }

  reply(api: ApiCall): Reply {
    const route = `${api.request.method} ${api.path}`;
    if (route === 'POST /') return this.#byTarget(api);
    const checks = checksFor(refuserFor('rest'));
    const side = restSideCall(api);
    if (side !== undefined) return this.#side(api, 'rest', side, checks);
    if (route === 'POST /SendMessageStreaming') return checks.refuse(wrongCredential, 'path: is for signed calls');
    if (route !== 'POST /generateAssistantResponse') throw new Refusal(this.notFound(), `${route}: is not served`);
    checkContentType(api, 'application/json', checks);
    return this.#chat(api, 'rest', checks);
  }

  notFound() {
    return errorAnswer({ status: 404, type: 'UnknownOperationException', message: 'Unknown operation.' }, 'rest');
  }

  failure(message: string) {
    return errorAnswer({ status: 500, type: 'InternalServerException', message }, 'rest');
  }

  #byTarget(api: ApiCall): Reply {
    const checks = checksFor(refuserFor('json'));
    const target = String(api.request.headers['x-amz-target']);
    checkContentType(api, 'application/x-amz-json-1.0', checks);
    const side = targetSideCall(target, this.#service);
    if (side !== undefined) return this.#side(api, 'json', side, checks);
    if (!this.#service.chatTargets.includes(target)) checks.refuse(wrongCredential, `x-amz-target: ${target}`);
    return this.#chat(api, 'json', checks);
  }

  #side(api: ApiCall, form: Form, operation: SideOperation, checks: Checks): Reply {
    this.counts[operation]++;
    const script = api.sideScriptFor(sidePaths[operation]);
    if (script.error !== undefined)
      return { type: 'answer', answer: scriptedAnswer(this.#service, script.error, script, form), script };
    const account = this.#accounts.caller(api.request, checks.refuse);
    const isQuery = api.request.method === 'GET';
    const given = isQuery ? queryParameters(api.query) : bodyParameters(parseBody(api.body, checks), checks);
    const answer = answerSideCall({ operation, given, account, models: api.listedModels }, this.#service, checks);
    return { type: 'answer', answer: jsonAnswer(answer, form), script };
  }

  #chat(api: ApiCall, form: Form, checks: Checks): Reply {
    this.counts.GenerateAssistantResponse++;
    const body = parseBody(api.body, checks);
    const script = api.scriptFor(modelOf(body));
    if (script.error !== undefined)
      return { type: 'answer', answer: scriptedAnswer(this.#service, script.error, script, form), script };
    const account = this.#accounts.caller(api.request, checks.refuse);
    checkProfile((body as { profileArn?: unknown } | null)?.profileArn, account, this.#service, checks.refuse);
    const knowsModel = (model: string) => this.#knowsModel(model, api.listedModels, form);
    const checked = checkBody(body, this.#service, knowsModel, checks);
    return this.#stream(form, script, checked);
  }

  /** A script's name is a model's name here as at the other vendors. */
  #knowsModel(model: string, listed: readonly string[], form: Form): boolean {
    if (listed.includes(model) || parseScript(model) !== undefined) return true;
    // Amazon Q answers Kiro's choice of a model by itself as if it were its own fault.
    if (model === 'auto' && this.#service.name === 'amazonq') refuserFor(form)('server-error', 'modelId: auto');
    return false;
  }

  #stream(form: Form, script: Script, body: ChatBody): Reply {
    const prompt = readPrompt(body);
    const plan = makePlan(prompt, script);
    const conversationId = body.conversationId ?? randomUUID();
    const headers: Record<string, string> = {
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amzn-requestid': randomUUID(),
    };
    if (form === 'rest') headers['x-amzn-codewhisperer-conversation-id'] = conversationId;
    const shape = {
      service: this.#service,
      model: prompt.model,
      conversationId,
      hasInitial: form === 'json',
      thinksByTags: asksByTags(body),
      script,
    };
    return {
      type: 'stream',
      headers,
      events: writeEvents(plan, shape),
      traits: traitsFor(this.#service, script),
      usage: plan.usage,
      script,
    };
  }
}

function jsonAnswer(body: Json, form: Form) {
  const type = form === 'json' ? 'application/x-amz-json-1.0' : 'application/json';
  return {
    status: 200,
    headers: { 'content-type': type, 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(body),
  };
}

function checkContentType({ request }: ApiCall, wanted: string, checks: Checks): void {
  const [given = ''] = String(request.headers['content-type']).split(';');
  if (given.trim() !== wanted) checks.improper(`content-type: ${given} is not ${wanted}`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseBody(body: Buffer, checks: Checks): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch (error) {
    return checks.improper(`body: is no JSON: ${String(error)}`);
  }
}

/** The model of the current message, for the choice of a script before anything is checked. */
function modelOf(body: unknown): string {
  const state = (
    body as { conversationState?: { currentMessage?: { userInputMessage?: { modelId?: unknown } } } } | null
  )?.conversationState;
  const model = state?.currentMessage?.userInputMessage?.modelId;
  return typeof model === 'string' ? model : '';
}
