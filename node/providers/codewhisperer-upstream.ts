import type { Fault } from '../../kit/fault.ts';
import { requestId } from '../../kit/random.ts';
import type { Answer, Conversation } from '../conversation/contract.ts';
import type { ComplaintKind } from '../protocols/codewhisperer/classify.ts';
import type { CodewhispererReader, CodewhispererTraits } from '../protocols/codewhisperer/contract.ts';
import { complaintOf, readFault } from '../protocols/codewhisperer/read-fault.ts';
import { makeCodewhispererReader } from '../protocols/codewhisperer/reader.ts';
import type { StreamDecoder } from '../protocols/contract.ts';
import { protocolFaults } from '../protocols/faults.ts';
import type { WireHeaders } from '../wire/contract.ts';
import { dottedClaudeName } from './claude-names.ts';
import { CodewhispererCall } from './codewhisperer-call.ts';
import { firstProfile, ModelWindows, nextPageOf } from './codewhisperer-lists.ts';
import { ProfileArn } from './codewhisperer-profile.ts';
import { QuotaReset } from './codewhisperer-quota.ts';
import type {
  EncodedCall,
  ModelListingCall,
  ProviderAnswer,
  ProviderEnvironment,
  TokenSource,
  TransparentRequest,
  Upstream,
  UpstreamRequest,
} from './contract.ts';
import { ModelNames } from './model-names.ts';
import { uuid } from './uuid.ts';

/** A request that says where it goes. */
export type PlacedRequest = UpstreamRequest & { origin: string };

type Revision = ReturnType<NonNullable<Upstream['revise']>>;

/** What of one account is its provider's own: hosts, paths, headers, habits. */
export interface CodewhispererWire {
  /** For the connection pool; requests name their own. */
  readonly origin: string;
  traits(profileArn: string | undefined): CodewhispererTraits;
  chat(body: string, traits: CodewhispererTraits): PlacedRequest;
  listModels(profileArn: string | undefined, page: string | undefined): PlacedRequest;
  usage(profileArn: string | undefined): PlacedRequest;
  listProfiles(): PlacedRequest;
  transparent(request: TransparentRequest): PlacedRequest;
  /** The account's token or key as it is now; undefined while there is none. */
  bearer(): string | undefined;
  /**
   * The traits with which to ask another host after this failure; undefined where that is of no use. Asked for
   * conversations alone.
   */
  elsewhere?(request: UpstreamRequest, fault: Fault, traits: CodewhispererTraits): CodewhispererTraits | undefined;
  /** An answer came to a conversation that was asked with these. */
  answered?(traits: CodewhispererTraits): void;
}

export interface CodewhispererParts {
  readonly wire: CodewhispererWire;
  readonly environment: ProviderEnvironment;
  readonly modelMap: Readonly<Record<string, string>>;
  readonly profileArn: string | undefined;
  /** The ARN that the login gave, as it is at the moment. */
  readonly issuedArn: () => string | undefined;
}

/** A call beside the conversations: the ARN under which it was asked, and how it is made under another. */
interface SideCall {
  readonly profileArn: string | undefined;
  make(profileArn: string | undefined): PlacedRequest;
}

/** Failures that were seen to pass when the same was asked again at once. */
const passing: ReadonlySet<ComplaintKind> = new Set(['tool-format', 'conflict']);

/** One account of Amazon Q or Kiro. */
export class CodewhispererUpstream implements Upstream {
  readonly origin: string;
  readonly models: ModelListingCall;
  readonly token?: TokenSource;
  readonly #wire: CodewhispererWire;
  readonly #environment: ProviderEnvironment;
  readonly #names: ModelNames;
  readonly #windows: ModelWindows = new ModelWindows();
  readonly #profile: ProfileArn;
  readonly #quota: QuotaReset;
  readonly #reader: CodewhispererReader;
  readonly #calls = new WeakMap<UpstreamRequest, CodewhispererCall>();
  readonly #sideCalls = new WeakMap<UpstreamRequest, SideCall>();
  /** Traits whose ARN was left out on purpose. */
  readonly #withoutArn = new WeakSet<CodewhispererTraits>();

  constructor({ wire, environment, modelMap, profileArn, issuedArn }: CodewhispererParts) {
    const { notes, clock, log, token } = environment;
    this.#wire = wire;
    this.#environment = environment;
    this.#names = new ModelNames(modelMap);
    this.origin = wire.origin;
    if (token !== undefined) this.token = token;
    const lookUp = () => this.#findProfile();
    this.#profile = new ProfileArn({ configured: profileArn, issued: issuedArn, notes, clock, lookUp });
    this.#quota = new QuotaReset({ notes, clock, log, ask: () => this.#ask(wire.usage(this.#profile.current())) });
    this.#reader = makeCodewhispererReader({ clock, quotaResetAtMs: () => this.#quota.atMs });
    this.models = {
      request: (page) => this.#side((profileArn) => wire.listModels(profileArn, page)),
      parse: (body) => this.#windows.parse(body),
      nextPage: nextPageOf,
    };
  }

  /** A person's map first; then Claude's names as they are written there. Others go as they are: the upstream answers. */
  upstreamModel(model: string): string {
    const mapped = this.#names.of(model);
    return mapped === model ? dottedClaudeName(model) : mapped;
  }

  /** The same where the caller may have asked before. */
  #ownModel(model: string): string {
    return this.#names.isOwn(model) ? model : this.upstreamModel(model);
  }

  speaks(): boolean {
    return false;
  }

  passThrough(): UpstreamRequest {
    throw protocolFaults.unsupported_field('model: its provider takes no request of a client as it is', {
      field: 'model',
    });
  }

  encode(conversation: Conversation): EncodedCall {
    const model = this.#ownModel(conversation.model);
    const traits = this.#wire.traits(this.#profile.current());
    const call = this.#call({ ...conversation, model }, traits);
    const request = this.#wire.chat(call.takeBody(), traits);
    this.#calls.set(request, call);
    return { request, dropped: call.dropped, reader: call };
  }

  #call(conversation: Conversation, traits: CodewhispererTraits): CodewhispererCall {
    const contextTokens = this.#windows.of(conversation.model);
    const onAnswer = (asked: CodewhispererTraits) => this.#answered(asked);
    const id = `msg_${requestId(this.#environment.random)}`;
    return new CodewhispererCall({ conversation, reader: this.#reader, id, contextTokens, onAnswer }, traits);
  }

  /** Where the ARN that is there had been left out and the answer came all the same, it stays out. */
  #answered(asked: CodewhispererTraits): void {
    if (this.#withoutArn.has(asked) && this.#profile.isOptional) this.#profile.noteNone();
    this.#wire.answered?.(asked);
  }

  /** Without knowledge of the request: answers are read by its own reader. */
  decodeAnswer(body: Buffer): Answer {
    return this.#reader.decodeAnswer(body, plainReading, `msg_${requestId(this.#environment.random)}`);
  }

  openDecoder(): StreamDecoder {
    return this.#reader.openDecoder(plainReading, `msg_${requestId(this.#environment.random)}`);
  }

  readFault(status: number, headers: WireHeaders, body: Buffer): Fault {
    const timing = { nowMs: this.#environment.clock.nowMs(), quotaResetAtMs: this.#quota.atMs };
    const fault = readFault(status, headers, body, timing);
    if (complaintOf(fault)?.kind === 'monthly-quota') this.#quota.usedUp();
    return fault;
  }

  transparent(request: TransparentRequest): UpstreamRequest {
    return this.#wire.transparent(request);
  }

  /** Costs nothing, and a suspended account refuses it as well. */
  probe(): UpstreamRequest {
    return this.#side((profileArn) => this.#wire.usage(profileArn));
  }

  authorise(request: UpstreamRequest): UpstreamRequest {
    const bearer = this.#wire.bearer();
    if (bearer === undefined) throw protocolFaults.upstream_token_refused('the account has no access token yet');
    const invocation = uuid(this.#environment.random);
    const headers = [...request.headers, 'authorization', `Bearer ${bearer}`, 'amz-sdk-invocation-id', invocation];
    return { ...request, headers };
  }

  revise(request: UpstreamRequest, fault: Fault): Revision {
    const call = this.#calls.get(request);
    const kind = complaintOf(fault)?.kind;
    if (call === undefined) return this.#reviseSide(this.#sideCalls.get(request), kind);
    if (kind !== undefined && passing.has(kind)) return request;
    if (kind === 'profile-arn-required') return this.#withProfile(call);
    if (kind === 'not-authorised' && call.traits.profileArn !== undefined && this.#profile.isOptional) {
      const { profileArn: _refused, ...traits } = call.traits;
      this.#withoutArn.add(traits);
      return this.#again(call, traits);
    }
    const traits = this.#wire.elsewhere?.(request, fault, call.traits);
    return traits === undefined ? undefined : this.#again(call, traits);
  }

  /** Lists and usage are asked under the profile as conversations are: demanded from some accounts, refused to others. */
  #reviseSide(side: SideCall | undefined, kind: ComplaintKind | undefined): Revision {
    if (side === undefined) return undefined;
    if (kind === 'profile-arn-required' && side.profileArn === undefined) {
      return this.#demanded((profileArn) => side.make(profileArn));
    }
    const isRefused = kind === 'not-authorised' && side.profileArn !== undefined && this.#profile.isOptional;
    return isRefused ? side.make(undefined) : undefined;
  }

  #side(make: SideCall['make']): PlacedRequest {
    const profileArn = this.#profile.current();
    const request = make(profileArn);
    this.#sideCalls.set(request, { profileArn, make });
    return request;
  }

  #withProfile(call: CodewhispererCall): Revision {
    if (call.traits.profileArn !== undefined) return undefined;
    return this.#demanded((profileArn) => this.#again(call, { ...call.traits, profileArn }));
  }

  /** The request under the profile that the account turns out to have. */
  #demanded(make: (profileArn: string) => UpstreamRequest): Revision {
    const made = (arn: string | undefined) => (arn === undefined ? undefined : make(arn));
    const found = this.#profile.demand();
    return found instanceof Promise ? found.then(made) : made(found);
  }

  #again(call: CodewhispererCall, traits: CodewhispererTraits): UpstreamRequest {
    const request = this.#wire.chat(call.rewrite(traits), traits);
    this.#calls.set(request, call);
    return request;
  }

  async #findProfile(): Promise<string | undefined> {
    const { status, headers, body } = await this.#ask(this.#wire.listProfiles());
    if (status === 200) return firstProfile(body);
    const fault = this.readFault(status, headers, body);
    // Builder ID accounts have none, and are told so with a 403.
    if (complaintOf(fault)?.kind === 'not-authorised' || fault.source === 'client') return undefined;
    throw fault;
  }

  async #ask(request: PlacedRequest): Promise<ProviderAnswer> {
    return this.#environment.ask({ ...this.authorise(request), origin: request.origin });
  }
}

/** For answers whose request is not known. */
const plainReading = {
  model: '',
  toolNames: new Map<string, string>(),
  stop: [],
  readsThinkingTags: false,
  estimatedInputTokens: 0,
  contextTokens: 200_000,
};
