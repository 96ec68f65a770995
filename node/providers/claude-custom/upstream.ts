import type { Fault } from '../../../kit/fault.ts';
import type { JsonObject } from '../../../kit/json.ts';
import type { Answer, Conversation } from '../../conversation/contract.ts';
import { anthropicDialect, anthropicProtocol, withoutForeignThinking } from '../../protocols/anthropic/index.ts';
import type { ProtocolId, StreamDecoder, UpstreamTraits } from '../../protocols/contract.ts';
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
import { BaseUrl } from './base-url.ts';
import type { ClaudeCustomCredential } from './credential.ts';
import { AccountHeaders } from './headers.ts';
import { modelsPerPageMax, parseModels } from './models.ts';

/** One account at an API of Anthropic's form. */
export class ClaudeCustomUpstream implements Upstream {
  readonly origin: string;
  readonly models: { request(): UpstreamRequest; parse(body: Buffer): ListedModel[] };
  readonly #base: BaseUrl;
  readonly #headers: AccountHeaders;
  readonly #names: ModelNames;
  readonly #traits: UpstreamTraits;
  readonly #messagesPath: string;
  readonly #countPath: string;

  constructor(credential: ClaudeCustomCredential, environment: ProviderEnvironment) {
    this.#base = new BaseUrl(credential.base_url);
    this.origin = this.#base.origin;
    this.#headers = new AccountHeaders(credential);
    this.#names = new ModelNames(credential.model_map);
    this.#traits = { defaultMaxTokens: environment.defaultMaxTokens };
    this.#messagesPath = this.#base.to('/messages');
    this.#countPath = this.#base.to('/messages/count_tokens');
    this.models = { request: () => this.#listModels(modelsPerPageMax), parse: parseModels };
  }

  upstreamModel(model: string): string {
    return this.#names.of(model);
  }

  speaks(protocol: ProtocolId, operation: Operation): boolean {
    return protocol === 'anthropic' && operation !== 'embeddings';
  }

  passThrough(_protocol: ProtocolId, operation: Operation, call: PassThroughCall): UpstreamRequest {
    return {
      method: 'POST',
      path: operation === 'count_tokens' ? this.#countPath : this.#messagesPath,
      headers: this.#headers.post(call.stream, call.protocolHeaders),
      body: withoutForeignThinking(this.#withOwnName(call)),
    };
  }

  /** The body with the upstream's own name for the model, unless it is there already. */
  #withOwnName({ body, model }: PassThroughCall): Buffer {
    const own = this.#names.own(model);
    if (own === model) return body;
    return anthropicProtocol.editRequest(body, anthropicProtocol.scanRequest(body), { model: own });
  }

  encode(conversation: Conversation): EncodedCall {
    const model = this.#names.own(conversation.model);
    const { body, dropped } = anthropicDialect.encodeRequest({ ...conversation, model }, this.#traits);
    return { request: this.#post(body, conversation.stream), dropped };
  }

  decodeAnswer(body: Buffer): Answer {
    return anthropicDialect.decodeAnswer(jsonObjectAnswer(body));
  }

  openDecoder(): StreamDecoder {
    return anthropicDialect.openDecoder();
  }

  readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
    return anthropicDialect.readFault(status, headers, body);
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
    if (model === undefined) return this.#listModels(1);
    const messages = [{ role: 'user', content: 'ping' }];
    return this.#post({ model: this.#names.own(model), max_tokens: 1, messages }, false);
  }

  #post(body: JsonObject, isStream: boolean): UpstreamRequest {
    const headers = this.#headers.post(isStream);
    return { method: 'POST', path: this.#messagesPath, headers, body: JSON.stringify(body) };
  }

  #listModels(limit: number): UpstreamRequest {
    const path = this.#base.to(`/models?limit=${limit}`);
    return { method: 'GET', path, headers: this.#headers.get(), body: undefined };
  }
}
