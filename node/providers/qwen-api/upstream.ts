import { type Fault, isFault } from '../../../kit/fault.ts';
import type { JsonObject } from '../../../kit/json.ts';
import type { Answer, Conversation } from '../../conversation/contract.ts';
import type { ProtocolId, StreamDecoder } from '../../protocols/contract.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import { openaiChatDialectWith, openaiChatProtocol } from '../../protocols/openai-chat/index.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import type {
  EncodedCall,
  ListedModel,
  Operation,
  PassThroughCall,
  ProviderEnvironment,
  TokenSource,
  TransparentRequest,
  Upstream,
  UpstreamRequest,
} from '../contract.ts';
import { jsonObjectAnswer } from '../json-answer.ts';
import { ModelNames } from '../model-names.ts';
import { OpenaiBaseUrl } from '../openai-base-url.ts';
import { applyBuiltinTools, requireStreaming } from './builtin-tools.ts';
import type { QwenCredential } from './credential.ts';
import { endpointOf, keyBaseUrl, loginBaseUrl } from './endpoint.ts';
import { addDummyTool } from './dummy-tool.ts';
import { fitBody } from './fit-body.ts';
import { type QwenHeaders, qwenHeaders } from './headers.ts';
import { LoginState } from './login-state.ts';
import { clampMaxTokens, loginModelMap, loginModels } from './models.ts';
import { readQwenFault } from './read-fault.ts';
import { gateSystem } from './system-gate.ts';
import { applyThinking } from './thinking.ts';

/** Asked by a probe that names no model. */
const probeModels = { login: 'coder-model', key: 'qwen-plus' } as const;

/** One account at Qwen: a login at the portal, or a key of Model Studio. Both speak Chat Completions, with habits. */
export class QwenUpstream implements Upstream {
  readonly knownModels?: readonly ListedModel[];
  readonly token?: TokenSource;
  readonly #credential: QwenCredential;
  readonly #environment: ProviderEnvironment;
  readonly #dialect: ReturnType<typeof openaiChatDialectWith>;
  readonly #headers: QwenHeaders;
  readonly #names: ModelNames;
  readonly #login: LoginState | undefined;
  #resource: string | undefined;
  #base: OpenaiBaseUrl;

  constructor(credential: QwenCredential, environment: ProviderEnvironment) {
    const { api_key, base_url, model_map } = credential;
    this.#credential = credential;
    this.#environment = environment;
    this.#dialect = openaiChatDialectWith(environment.random);
    this.#headers = qwenHeaders(credential);
    const isLogin = api_key === undefined;
    this.#names = new ModelNames(isLogin ? { ...loginModelMap, ...model_map } : model_map);
    this.#base = new OpenaiBaseUrl(base_url ?? (isLogin ? loginBaseUrl : keyBaseUrl));
    if (!isLogin || environment.token === undefined) return;
    this.token = environment.token;
    this.#login = new LoginState(environment.token);
    this.knownModels = loginModels;
  }

  get origin(): string {
    return this.#currentBase().origin;
  }

  upstreamModel(model: string): string {
    return this.#names.of(model);
  }

  /** The portal wants its system message in one form, so what goes there is always written anew. */
  speaks(protocol: ProtocolId, operation: Operation): boolean {
    if (protocol !== 'openai-chat' || this.#isLogin) return false;
    return operation === 'generate' || operation === 'embeddings';
  }

  passThrough(_protocol: ProtocolId, operation: Operation, call: PassThroughCall): UpstreamRequest {
    const { body, dropped } = this.#fit(operation, call);
    return {
      method: 'POST',
      path: this.#currentBase().to(operation === 'embeddings' ? '/embeddings' : '/chat/completions'),
      headers: call.stream ? this.#headers.stream : this.#headers.json,
      body,
      ...(dropped.length === 0 ? {} : { dropped }),
    };
  }

  encode(conversation: Conversation): EncodedCall {
    const model = this.#names.own(conversation.model);
    const { stream, maxTokens } = conversation;
    const { builtin_tools } = this.#credential;
    if (!this.#isLogin) requireStreaming(builtin_tools, stream);
    const asked = maxTokens === undefined ? { model } : { model, maxTokens: clampMaxTokens(model, maxTokens) };
    const { body, dropped } = this.#dialect.encodeRequest(
      { ...conversation, ...asked },
      {
        defaultMaxTokens: this.#environment.defaultMaxTokens,
        maxTokensField: 'max_tokens',
        reasoningHistory: 'drop',
      },
    );
    if (Object.hasOwn(body, 'parallel_tool_calls')) {
      delete body['parallel_tool_calls'];
      dropped.push('parallel_tool_calls');
    }
    applyThinking(body, conversation);
    if (this.#isLogin) body['messages'] = gateSystem(body['messages'] as JsonObject[]);
    else applyBuiltinTools(body, builtin_tools, stream);
    if (this.#credential.needs_dummy_tool) addDummyTool(body);
    return { request: this.#post(body, stream), dropped: dropped.filter((name) => !isCarried(name, body)) };
  }

  decodeAnswer(body: Buffer): Answer {
    const answer = this.#dialect.decodeAnswer(jsonObjectAnswer(body));
    this.#login?.served();
    return answer;
  }

  openDecoder(): StreamDecoder {
    this.#login?.served();
    return this.#dialect.openDecoder();
  }

  readFault(status: number, headers: WireHeaders, body: Buffer, accessToken?: string): Fault {
    const verdict = readQwenFault(status, headers, body, this.#environment.clock.nowMs());
    if (verdict.kind === 'fault') return verdict.fault;
    if (this.#login !== undefined) return this.#login.refused(status, accessToken);
    return protocolFaults.upstream_unauthorised(`Qwen refused the account's key (${status})`, {
      upstreamStatus: status,
    });
  }

  authorise(request: UpstreamRequest): UpstreamRequest {
    if (!this.#isLogin) return request;
    const token = this.token?.current();
    if (token === undefined) throw protocolFaults.upstream_token_refused('the login has no token yet');
    return { ...request, headers: [...request.headers, 'authorization', `Bearer ${token}`] };
  }

  /** The search of the login lives beside the API's base (`/api/v1/indices/plugin/web_search`), not below it. */
  transparent(request: TransparentRequest): UpstreamRequest {
    const isBeside = request.path.startsWith('/api/');
    return {
      method: request.method,
      path: isBeside ? request.path : this.#currentBase().through(request.path),
      headers: this.#headers.through(request.headers),
      body: request.body,
    };
  }

  /** There is no call that lists models or tells of limits: one token is the cheapest proof. */
  probe(model: string | undefined): UpstreamRequest {
    const body: JsonObject = {
      model: model === undefined ? probeModels[this.#isLogin ? 'login' : 'key'] : this.#names.own(model),
      messages: [{ role: 'user', content: 'ping' }],
      max_tokens: 1,
    };
    if (this.#isLogin) body['messages'] = gateSystem(body['messages'] as JsonObject[]);
    return this.#post(body, false);
  }

  get #isLogin(): boolean {
    return this.#credential.api_key === undefined;
  }

  /** A base that a person gave stays; else the login says, with each of its tokens, where it is served. */
  #currentBase(): OpenaiBaseUrl {
    if (this.#credential.base_url !== undefined || !this.#isLogin) return this.#base;
    const resource = this.token?.extra('resource_url');
    if (resource === undefined || resource === this.#resource) return this.#base;
    this.#resource = resource;
    try {
      this.#base = endpointOf(resource);
    } catch (error) {
      if (!isFault(error)) throw error;
      // The token goes where it went before, never to a host that an answer has made up.
      this.#environment.log.warn(`the login names an address that is not used: ${error.message}`);
    }
    return this.#base;
  }

  #fit(operation: Operation, { body, model, stream }: PassThroughCall) {
    const own = this.#names.own(model);
    const named =
      own === model ? body : openaiChatProtocol.editRequest(body, openaiChatProtocol.scanRequest(body), { model: own });
    if (operation === 'embeddings') return { body: named, dropped: [] };
    return fitBody(named, this.#credential, stream);
  }

  #post(body: JsonObject, isStream: boolean): UpstreamRequest {
    const headers = isStream ? this.#headers.stream : this.#headers.json;
    const path = this.#currentBase().to('/chat/completions');
    return { method: 'POST', path, headers, body: JSON.stringify(body) };
  }
}

/** `thinking` has fields of Qwen's own. */
function isCarried(name: string, body: JsonObject): boolean {
  return name === 'thinking' && body['enable_thinking'] !== undefined;
}
