import type { JsonObject } from '../../../kit/json.ts';
import type { Answer, Conversation } from '../../conversation/contract.ts';
import type { ProtocolId, StreamDecoder, UpstreamTraits } from '../../protocols/contract.ts';
import { openaiChatDialect, openaiChatProtocol, usesMaxCompletionTokens } from '../../protocols/openai-chat/index.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import type {
  EncodedCall,
  ListedModel,
  Operation,
  PassThroughCall,
  ProviderEnvironment,
  TransparentRequest,
  Upstream,
  UpstreamRequest,
} from '../contract.ts';
import { jsonObjectAnswer } from '../json-answer.ts';
import { ModelNames } from '../model-names.ts';
import { OpenaiBaseUrl } from '../openai-base-url.ts';
import type { OpenaiCustomCredential } from './credential.ts';
import { type AccountHeaders, accountHeaders } from './headers.ts';
import { parseModels } from './models.ts';
import { withoutStreamOptions } from './without-stream-options.ts';

/** One account at an API of OpenAI's form. */
export class OpenaiCustomUpstream implements Upstream {
  readonly origin: string;
  readonly models: { request(): UpstreamRequest; parse(body: Buffer): ListedModel[] };
  readonly #base: OpenaiBaseUrl;
  readonly #headers: AccountHeaders;
  readonly #names: ModelNames;
  readonly #traits: UpstreamTraits;
  readonly #hasResponses: boolean;

  constructor(credential: OpenaiCustomCredential, environment: ProviderEnvironment) {
    this.#base = new OpenaiBaseUrl(credential.base_url);
    this.origin = this.#base.origin;
    this.#headers = accountHeaders(credential);
    this.#names = new ModelNames(credential.model_map);
    const isOpenai = isOpenaiHost(this.#base.hostname);
    this.#hasResponses = credential.responses === 'auto' ? isOpenai : credential.responses;
    this.#traits = {
      defaultMaxTokens: environment.defaultMaxTokens,
      maxTokensField: credential.max_tokens_field,
      reasoningHistory: credential.reasoning_history,
      streamOptions: credential.stream_options,
      promptCacheKey: isOpenai,
    };
    this.models = { request: () => this.#get('/models'), parse: parseModels };
  }

  upstreamModel(model: string): string {
    return this.#names.of(model);
  }

  speaks(protocol: ProtocolId, operation: Operation): boolean {
    if (protocol === 'openai-chat') return operation === 'generate' || operation === 'embeddings';
    return protocol === 'openai-responses' && operation === 'generate' && this.#hasResponses;
  }

  passThrough(protocol: ProtocolId, operation: Operation, call: PassThroughCall): UpstreamRequest {
    const headers = call.stream ? this.#headers.stream : this.#headers.json;
    return {
      method: 'POST',
      path: this.#base.to(pathOf(protocol, operation)),
      headers: call.protocolHeaders.length === 0 ? headers : [...headers, ...call.protocolHeaders],
      body: this.#fitBody(protocol, call),
    };
  }

  /** The client's bytes, with the upstream's own name for the model and without what the upstream refuses. */
  #fitBody(protocol: ProtocolId, { body, model, stream }: PassThroughCall): Buffer {
    const own = this.#names.own(model);
    const hasOptions = protocol === 'openai-chat' && stream && this.#traits.streamOptions === false;
    if (own === model && !hasOptions) return body;
    const facts = openaiChatProtocol.scanRequest(body);
    const fitted = hasOptions ? withoutStreamOptions(body, facts) : body;
    if (own === model) return fitted;
    return openaiChatProtocol.editRequest(fitted, openaiChatProtocol.scanRequest(fitted), { model: own });
  }

  encode(conversation: Conversation): EncodedCall {
    const model = this.#names.own(conversation.model);
    const { body, dropped } = openaiChatDialect.encodeRequest({ ...conversation, model }, this.#traits);
    return { request: this.#post('/chat/completions', body, conversation.stream), dropped };
  }

  decodeAnswer(body: Buffer): Answer {
    return openaiChatDialect.decodeAnswer(jsonObjectAnswer(body));
  }

  openDecoder(): StreamDecoder {
    return openaiChatDialect.openDecoder();
  }

  readFault(status: number, headers: WireHeaders, body: Buffer) {
    return openaiChatDialect.readFault(status, headers, body);
  }

  transparent(request: TransparentRequest): UpstreamRequest {
    return {
      method: request.method,
      path: this.#base.through(request.path),
      headers: this.#headers.through(request.headers),
      body: request.body,
    };
  }

  /** Without a model to ask, the list of models proves address and key. */
  probe(model: string | undefined): UpstreamRequest {
    if (model === undefined) return this.#get('/models');
    return this.#post('/chat/completions', probeBody(this.#names.own(model), this.#traits.maxTokensField), false);
  }

  #get(call: string): UpstreamRequest {
    return { method: 'GET', path: this.#base.to(call), headers: this.#headers.get, body: undefined };
  }

  #post(call: string, body: JsonObject, isStream: boolean): UpstreamRequest {
    const headers = isStream ? this.#headers.stream : this.#headers.json;
    return { method: 'POST', path: this.#base.to(call), headers, body: JSON.stringify(body) };
  }
}

function isOpenaiHost(hostname: string): boolean {
  return hostname === 'api.openai.com' || hostname.endsWith('.openai.azure.com');
}

function pathOf(protocol: ProtocolId, operation: Operation): string {
  if (operation === 'embeddings') return '/embeddings';
  return protocol === 'openai-responses' ? '/responses' : '/chat/completions';
}

/** Reasoning models answer 400 when they cannot finish a thought: they get a few tokens more than one. */
function probeBody(model: string, field: UpstreamTraits['maxTokensField']): JsonObject {
  const isNew = usesMaxCompletionTokens(model);
  const named = field === undefined || field === 'auto' ? (isNew ? 'max_completion_tokens' : 'max_tokens') : field;
  return { model, messages: [{ role: 'user', content: 'ping' }], [named]: isNew ? 16 : 1 };
}
