import type { Fault } from '../../../kit/fault.ts';
import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { requestId } from '../../../kit/random.ts';
import type { Answer, Conversation } from '../../conversation/contract.ts';
import { openTextTokenEstimate } from '../../conversation/estimate-text-tokens.ts';
import type { ProtocolId, StreamDecoder } from '../../protocols/contract.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import { encodeRequest, escapeSignatures, isAboutSignatures, readFault } from '../../protocols/gemini/upstream.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { flatHeaders, transparentHeaders } from '../account-headers.ts';
import type {
  EncodedCall,
  ListedModel,
  Operation,
  PassThroughCall,
  ProviderEnvironment,
  TokenCountCall,
  TokenSource,
  TransparentRequest,
  Unwrapper,
  Upstream,
  UpstreamRequest,
} from '../contract.ts';
import { ModelNames } from '../model-names.ts';
import { GeminiAnswers } from './answers.ts';
import { innerRequest, parseTokenCount } from './body.ts';
import { CodeAssistCall, withToken } from './code-assist-call.ts';
import type { GeminiCredential } from './credential.ts';
import { codeAssistModels } from './models.ts';
import { ProjectFinder } from './project-finder.ts';
import { StreamUnwrapper, unwrapped, WholeUnwrapper } from './unwrapper.ts';

const replaced: ReadonlyMap<string, string> = new Map([
  ['authorization', ''],
  ['user-agent', ''],
  ['x-goog-api-key', ''],
]);

/** One login at Code Assist: Gemini's format inside an envelope that names model and project. */
export class CodeAssistUpstream implements Upstream {
  readonly origin: string;
  readonly token: TokenSource;
  readonly knownModels: readonly ListedModel[] = codeAssistModels;
  readonly #call: CodeAssistCall;
  readonly #project: ProjectFinder;
  readonly #names: ModelNames;
  readonly #environment: ProviderEnvironment;
  readonly #answers: GeminiAnswers;
  /** Requests that still lack their project. */
  readonly #wanting = new WeakSet<UpstreamRequest>();

  constructor(credential: GeminiCredential, token: TokenSource, environment: ProviderEnvironment) {
    this.token = token;
    this.#environment = environment;
    this.#call = new CodeAssistCall(credential);
    this.origin = this.#call.origin;
    this.#project = new ProjectFinder(credential.project, this.#call, environment);
    this.#names = new ModelNames(credential.model_map);
    this.#answers = new GeminiAnswers(environment.random, unwrapped);
  }

  upstreamModel(model: string): string {
    return this.#names.of(model);
  }

  speaks(protocol: ProtocolId, operation: Operation): boolean {
    return protocol === 'gemini' && operation !== 'embeddings';
  }

  passThrough(_protocol: ProtocolId, operation: Operation, call: PassThroughCall): UpstreamRequest {
    const model = this.#names.own(call.model);
    const { request, dropped } = innerRequest(call.body);
    const made =
      operation === 'count_tokens' ? this.#count(model, request) : this.#generate(model, call.stream, request);
    if (dropped.length > 0) made.dropped = dropped;
    return made;
  }

  openUnwrapper(stream: boolean): Unwrapper {
    return stream ? new StreamUnwrapper() : new WholeUnwrapper();
  }

  encode(conversation: Conversation): EncodedCall {
    const model = this.#names.own(conversation.model);
    const { body, dropped, toolNames } = encodeRequest({ ...conversation, model });
    const request = this.#generate(model, conversation.stream, body);
    return { request, dropped, reader: this.#answers.reader(toolNames) };
  }

  decodeAnswer(body: Buffer): Answer {
    return this.#answers.decodeAnswer(body);
  }

  openDecoder(): StreamDecoder {
    return this.#answers.openDecoder();
  }

  readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
    if (status !== 401) return readFault(status, headers, body);
    return protocolFaults.upstream_token_refused('Google refused the token of the login (401)', {
      upstreamStatus: 401,
    });
  }

  /**
   * A history that another model has signed is sent once more without its signatures; a project that an old note named
   * and that is refused is looked up anew.
   */
  revise(request: UpstreamRequest, fault: Fault): UpstreamRequest | undefined {
    if (!this.#wanting.has(request)) return undefined;
    if (fault.code === 'upstream_unauthorised' && fault.upstreamStatus === 403) {
      return this.#project.forget() ? request : undefined;
    }
    return isAboutSignatures(fault) ? this.#withoutSignatures(request) : undefined;
  }

  /** The service counts contents alone: system text and tools are estimated beside its count. */
  countTokens(conversation: Conversation): TokenCountCall {
    const model = this.#names.own(conversation.model);
    const { body } = encodeRequest({ ...conversation, model });
    const { systemInstruction, tools } = body;
    const beside = openTextTokenEstimate();
    for (const part of [systemInstruction, tools]) if (part !== undefined) beside.push(JSON.stringify(part));
    const parse = (bytes: Buffer): number | undefined => {
      const counted = parseTokenCount(bytes);
      return counted === undefined ? undefined : counted + beside.tokens;
    };
    return { request: this.#count(model, body), parse };
  }

  authorise(request: UpstreamRequest): UpstreamRequest | Promise<UpstreamRequest> {
    const token = this.token.current();
    if (token === undefined) throw protocolFaults.upstream_token_refused('the login has no token yet');
    if (!this.#wanting.has(request)) return withToken(request, token);
    const { current } = this.#project;
    if (current !== undefined) return withToken(withProject(request, current), token);
    return this.#project
      .find((own) => withToken(own, token))
      .then((project) => withToken(withProject(request, project), token));
  }

  hasPath(path: string): boolean {
    return path.startsWith('/v1internal');
  }

  transparent(request: TransparentRequest): UpstreamRequest {
    const { own } = this.#call;
    return {
      method: request.method,
      path: this.#call.root + request.path,
      headers: [
        ...transparentHeaders(request.headers, new Map([...replaced, ...own])),
        ...flatHeaders([['user-agent', 'aiproxy'], ...own]),
      ],
      body: request.body,
    };
  }

  /** What the account may still use; costs none of it. */
  probe(): UpstreamRequest {
    const request = this.#call.post('retrieveUserQuota', 'unknown', '{}');
    this.#wanting.add(request);
    return request;
  }

  #generate(model: string, isStream: boolean, request: JsonObject): UpstreamRequest {
    const body = JSON.stringify({ model, user_prompt_id: requestId(this.#environment.random), request });
    const method = isStream ? 'streamGenerateContent?alt=sse' : 'generateContent';
    const made = this.#call.post(method, model, body);
    this.#wanting.add(made);
    return made;
  }

  #withoutSignatures(request: UpstreamRequest): UpstreamRequest | undefined {
    const body = JSON.parse(String(request.body)) as JsonObject;
    if (!isJsonObject(body['request']) || !escapeSignatures(body['request'])) return undefined;
    const revised = { ...request, body: JSON.stringify(body) };
    this.#wanting.add(revised);
    return revised;
  }

  /** No envelope around model and project here, and the name with its prefix. */
  #count(model: string, { contents }: JsonObject): UpstreamRequest {
    const body = JSON.stringify({ request: { model: `models/${model}`, contents: contents ?? [] } });
    return this.#call.post('countTokens', model, body);
  }
}

/** The project as the body's first member, so that nothing is serialised twice. */
function withProject(request: UpstreamRequest, project: string): UpstreamRequest {
  const body = String(request.body);
  const rest = body.slice(1);
  return { ...request, body: `{"project":${JSON.stringify(project)}${rest === '}' ? '' : ','}${rest}` };
}
