import type { Fault } from '../../../kit/fault.ts';
import type { Answer, Conversation } from '../../conversation/contract.ts';
import type { ProtocolId, StreamDecoder } from '../../protocols/contract.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { flatHeaders, ownHeaders, preparedHeaders, transparentHeaders } from '../account-headers.ts';
import type {
  AccountBase,
  AnswerReader,
  EncodedCall,
  ModelListingCall,
  Operation,
  PassThroughCall,
  ProviderEnvironment,
  TransparentRequest,
  Upstream,
  UpstreamRequest,
} from '../contract.ts';
import { ModelNames } from '../model-names.ts';
import { encodeOciChat, type EncodedOciChat } from './chat/index.ts';
import type { OciCredential } from './credential.ts';
import { apiVersion, endpointsOf, type Endpoints } from './endpoints.ts';
import { withVendor } from './model-family.ts';
import { modelsPath, nextModelsPage, parseModels } from './models.ts';
import { openSigner } from './open-signer.ts';
import { complaintOf, faultOf } from './read-fault.ts';
import { bodyWithout, RefusedFields } from './refused-fields.ts';
import type { RequestSigner } from './request-signer.ts';
import { type Remedy, remedyOf } from './remedy.ts';
import { servingModeOf } from './serving-mode.ts';

const chatPath = `/${apiVersion}/actions/chat`;

/** What goes with every request; an account has no header of its own but its signature. */
const own = ownHeaders([], {});
const prepared = preparedHeaders(own);
const flat = flatHeaders([...own]);
/** Compressed events would reach the client late, a block at a time. */
const streamHeaders: readonly string[] = [...prepared.stream, 'accept-encoding', 'identity'];

/** One account at Oracle's Generative AI service, in one region. */
export class OciUpstream implements Upstream {
  readonly origin: string;
  readonly models?: ModelListingCall;
  readonly #account: AccountBase & OciCredential;
  readonly #environment: ProviderEnvironment;
  readonly #compartment: string;
  readonly #endpoints: Endpoints;
  readonly #signer: RequestSigner;
  readonly #names: ModelNames;
  readonly #refused = new RefusedFields();
  readonly #remedies = new WeakMap<Fault, Remedy>();
  /** Bodies that were written here. Those of the transparent route are a client's and stay as they are. */
  readonly #ownBodies = new WeakSet<object>();
  /** How far Oracle's clock is ahead of the node's, where that has made it refuse a signature. */
  #clockSkewMs = 0;

  constructor(account: AccountBase & OciCredential, environment: ProviderEnvironment) {
    this.#account = account;
    this.#environment = environment;
    this.#compartment = account.compartment ?? account.tenancy;
    this.#endpoints = endpointsOf(account);
    this.#signer = openSigner(account, environment.files);
    this.#names = new ModelNames(account.model_map);
    this.origin = this.#endpoints.inference;
    // What a dedicated endpoint serves stands in no list.
    if (account.serving_endpoint === undefined) this.models = this.#listing();
  }

  upstreamModel(model: string): string {
    return withVendor(this.#names.of(model));
  }

  /** No client speaks Oracle's format. */
  speaks(_protocol: ProtocolId, _operation: Operation): boolean {
    return false;
  }

  passThrough(protocol: ProtocolId, operation: Operation, _call: PassThroughCall): UpstreamRequest {
    throw new TypeError(`OCI does not speak ${protocol} for ${operation}`);
  }

  encode(conversation: Conversation): EncodedCall {
    const model = withVendor(this.#names.own(conversation.model));
    const { body, dropped, reader } = this.#encode(conversation, model);
    const gone = this.#refused.apply(body);
    const bytes = Buffer.from(JSON.stringify(body));
    this.#ownBodies.add(bytes);
    const headers = conversation.stream ? streamHeaders : prepared.json;
    const request: UpstreamRequest = { method: 'POST', path: this.#endpoints.prefix + chatPath, headers, body: bytes };
    return { request, dropped: [...new Set([...dropped, ...gone])], reader };
  }

  #encode(conversation: Conversation, model: string): EncodedOciChat {
    const { api_format, serving_endpoint } = this.#account;
    return encodeOciChat(conversation, {
      compartmentId: this.#compartment,
      servingMode: servingModeOf(model, serving_endpoint),
      model,
      ...(api_format === undefined ? {} : { apiFormat: api_format }),
      defaultMaxTokens: this.#environment.defaultMaxTokens,
      random: this.#environment.random,
    });
  }

  decodeAnswer(body: Buffer): Answer {
    return this.#plainReader().decodeAnswer(body);
  }

  openDecoder(): StreamDecoder {
    return this.#plainReader().openDecoder();
  }

  /** Every call of `encode` has the reader of its own format; this is for an answer without its request. */
  #plainReader(): AnswerReader {
    return this.#encode(ping('xai.grok'), 'xai.grok').reader;
  }

  readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
    const complaint = complaintOf(status, headers, body);
    const fault = faultOf(complaint);
    const remedy = remedyOf(complaint, headers);
    if (remedy !== undefined) this.#remedies.set(fault, remedy);
    return fault;
  }

  authorise(request: UpstreamRequest): UpstreamRequest {
    const nowMs = this.#environment.clock.nowMs() + this.#clockSkewMs;
    return this.#signer.sign(request, request.origin ?? this.origin, nowMs);
  }

  /** Signed once more by Oracle's clock, or without the field that a model's backend refuses. */
  revise(request: UpstreamRequest, fault: Fault): UpstreamRequest | undefined {
    const remedy = this.#remedies.get(fault);
    if (remedy === undefined) return undefined;
    if (remedy.type === 'sign-again') {
      this.#clockSkewMs = remedy.theirTimeMs === undefined ? 0 : remedy.theirTimeMs - this.#environment.clock.nowMs();
      return request;
    }
    return this.#without(request, remedy.field);
  }

  #without(request: UpstreamRequest, field: string): UpstreamRequest | undefined {
    const { body } = request;
    const edited = typeof body === 'object' && this.#ownBodies.has(body) ? bodyWithout(body, field) : undefined;
    if (edited === undefined) return undefined;
    if (edited.model !== undefined) this.#refused.learn(edited.model, field);
    this.#ownBodies.add(edited.body);
    return { ...request, body: edited.body, dropped: edited.dropped };
  }

  transparent({ method, path, headers, body }: TransparentRequest): UpstreamRequest {
    const versioned = /^\/(?:\d{8}|openai)\//.test(path) ? path : `/${apiVersion}${path}`;
    const isInference = /^\/(?:\d{8}\/actions|openai)\//.test(versioned);
    return {
      method,
      path: this.#endpoints.prefix + versioned,
      headers: [...transparentHeaders(headers, own), ...flat],
      body,
      ...(isInference ? {} : { origin: this.#endpoints.control }),
    };
  }

  /** Without a model to ask, a list of one model proves key, user and compartment. */
  probe(model: string | undefined): UpstreamRequest {
    return model === undefined ? this.#list(undefined, 1) : this.encode(ping(model)).request;
  }

  #listing(): ModelListingCall {
    return {
      request: (page) => this.#list(page),
      parse: (body) => parseModels(body, this.#environment.clock.nowMs()),
      nextPage: nextModelsPage,
    };
  }

  #list(page?: string, size?: number): UpstreamRequest {
    return {
      method: 'GET',
      path: this.#endpoints.prefix + modelsPath(this.#compartment, page, size),
      headers: prepared.get,
      body: undefined,
      origin: this.#endpoints.control,
    };
  }
}

/** The smallest conversation; reasoning models answer nothing at all with a bound of one token. */
function ping(model: string): Conversation {
  const message = { role: 'user' as const, parts: [{ type: 'text' as const, text: 'ping' }] };
  return { model, system: [], messages: [message], tools: [], maxTokens: 16, stop: [], stream: false, dropped: [] };
}
