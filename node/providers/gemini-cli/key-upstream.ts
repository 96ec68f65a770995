import type { Fault } from '../../../kit/fault.ts';
import type { JsonObject } from '../../../kit/json.ts';
import type { Answer, Conversation } from '../../conversation/contract.ts';
import type { ProtocolId, StreamDecoder } from '../../protocols/contract.ts';
import { encodeRequest, escapeSignatures, isAboutSignatures, readFault } from '../../protocols/gemini/upstream.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { flatHeaders, ownHeaders, preparedHeaders, transparentHeaders } from '../account-headers.ts';
import type {
  EncodedCall,
  ModelListingCall,
  Operation,
  PassThroughCall,
  ProviderEnvironment,
  TokenCountCall,
  TransparentRequest,
  Upstream,
  UpstreamRequest,
} from '../contract.ts';
import { ModelNames } from '../model-names.ts';
import { GeminiAnswers } from './answers.ts';
import { parseTokenCount } from './body.ts';
import type { GeminiCredential } from './credential.ts';
import { nextPageOf, parseModels } from './models.ts';

const publicOrigin = 'https://generativelanguage.googleapis.com';

/** As many as the service gives at once. */
const pageSize = 1000;

/** One key of the public Gemini API (https://ai.google.dev/api). What its own clients send goes through unread. */
export class GeminiKeyUpstream implements Upstream {
  readonly origin: string;
  readonly models: ModelListingCall;
  readonly #root: string;
  readonly #own: Map<string, string>;
  readonly #headers: ReturnType<typeof preparedHeaders>;
  readonly #names: ModelNames;
  readonly #answers: GeminiAnswers;

  constructor(credential: GeminiCredential, environment: ProviderEnvironment) {
    const base = new URL(credential.base_url ?? publicOrigin);
    this.origin = base.origin;
    // People give the base with or without the version.
    this.#root = base.pathname.replace(/\/+$/, '').replace(/\/v1(?:beta|alpha)?$/, '');
    this.#own = ownHeaders([['x-goog-api-key', credential.api_key?.reveal() ?? '']], credential.headers);
    this.#headers = preparedHeaders(this.#own);
    this.#names = new ModelNames(credential.model_map);
    this.#answers = new GeminiAnswers(environment.random);
    this.models = {
      request: (page) =>
        this.#get(`/models?pageSize=${pageSize}${page === undefined ? '' : `&pageToken=${encodeURIComponent(page)}`}`),
      parse: parseModels,
      nextPage: nextPageOf,
    };
  }

  upstreamModel(model: string): string {
    return this.#names.of(model);
  }

  speaks(protocol: ProtocolId, operation: Operation): boolean {
    return protocol === 'gemini' && operation !== 'embeddings';
  }

  passThrough(_protocol: ProtocolId, operation: Operation, call: PassThroughCall): UpstreamRequest {
    const model = this.#names.own(call.model);
    if (operation === 'count_tokens') return this.#post(model, 'countTokens', call.body);
    return this.#generate(model, call.stream, call.body);
  }

  encode(conversation: Conversation): EncodedCall {
    const model = this.#names.own(conversation.model);
    const { body, dropped, toolNames } = encodeRequest({ ...conversation, model });
    const request = this.#generate(model, conversation.stream, JSON.stringify(body));
    return { request, dropped, reader: this.#answers.reader(toolNames) };
  }

  decodeAnswer(body: Buffer): Answer {
    return this.#answers.decodeAnswer(body);
  }

  openDecoder(): StreamDecoder {
    return this.#answers.openDecoder();
  }

  readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
    return readFault(status, headers, body);
  }

  /** A history that another model has signed is sent once more without its signatures. */
  revise(request: UpstreamRequest, fault: Fault): UpstreamRequest | undefined {
    if (!isAboutSignatures(fault) || request.body === undefined) return undefined;
    const body = JSON.parse(request.body.toString()) as JsonObject;
    return escapeSignatures(body) ? { ...request, body: JSON.stringify(body) } : undefined;
  }

  /** System text and tools count only inside a whole request. */
  countTokens(conversation: Conversation): TokenCountCall {
    const model = this.#names.own(conversation.model);
    const { body } = encodeRequest({ ...conversation, model });
    const generateContentRequest: JsonObject = { model: `models/${model}`, ...body };
    return {
      request: this.#post(model, 'countTokens', JSON.stringify({ generateContentRequest })),
      parse: parseTokenCount,
    };
  }

  hasPath(path: string): boolean {
    return !path.startsWith('/v1internal');
  }

  transparent(request: TransparentRequest): UpstreamRequest {
    return {
      method: request.method,
      path: this.#root + request.path,
      headers: [...transparentHeaders(request.headers, this.#own), ...flatHeaders([...this.#own])],
      body: request.body,
    };
  }

  /** Looking a model up costs no quota. */
  probe(model: string | undefined): UpstreamRequest {
    if (model === undefined) return this.#get('/models?pageSize=1');
    return this.#get(`/models/${pathWord(this.#names.own(model))}`);
  }

  #get(call: string): UpstreamRequest {
    return { method: 'GET', path: `${this.#root}/v1beta${call}`, headers: this.#headers.get, body: undefined };
  }

  #generate(model: string, isStream: boolean, body: Buffer | string): UpstreamRequest {
    return this.#post(model, isStream ? 'streamGenerateContent?alt=sse' : 'generateContent', body, isStream);
  }

  #post(model: string, verb: string, body: Buffer | string, isStream = false): UpstreamRequest {
    const headers = isStream ? this.#headers.stream : this.#headers.json;
    return { method: 'POST', path: `${this.#root}/v1beta/models/${pathWord(model)}:${verb}`, headers, body };
  }
}

/** A model's name is what a client wrote, halves of characters included, which no path can hold. */
function pathWord(model: string): string {
  return encodeURIComponent(model.toWellFormed());
}
