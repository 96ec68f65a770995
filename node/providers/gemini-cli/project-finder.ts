import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { isFault } from '../../../kit/fault.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import { readFault } from '../../protocols/gemini/upstream.ts';
import type { ProviderAnswer, ProviderEnvironment, UpstreamRequest } from '../contract.ts';
import { jsonObjectAnswer } from '../json-answer.ts';
import type { CodeAssistCall } from './code-assist-call.ts';

const metadata = { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' } as const;

/** Gemini CLI asks every 5 s; a minute is long for what takes seconds. */
const pollMs = 5_000;
const pollsMax = 12;

/** How long a failure stands before it is tried again: a service that fails is asked by every request otherwise. */
const failurePatienceMs = 30_000;

/** A project that was found within this time is not looked up anew, whatever is said of it. */
const trustMs = 600_000;

type Environment = Pick<ProviderEnvironment, 'ask' | 'notes' | 'clock'>;

/**
 * Finds the Google Cloud project that requests of a login are counted on (google-gemini/gemini-cli: setup.ts), once an
 * account; the result outlives the process.
 *
 *   loadCodeAssist ─► a current tier: its project, else the configured one
 *                  └► none: onboardUser for the default tier ─► its operation, until it is done
 */
export class ProjectFinder {
  readonly #configured: string | undefined;
  readonly #call: CodeAssistCall;
  readonly #environment: Environment;
  readonly #noteName: string;
  #found: string | undefined;
  #foundAtMs = -Infinity;
  #search: Promise<string> | undefined;
  #failure: { error: unknown; untilMs: number } | undefined;

  constructor(configured: string | undefined, call: CodeAssistCall, environment: Environment) {
    this.#configured = configured;
    this.#call = call;
    this.#environment = environment;
    this.#noteName = `project:${configured ?? ''}`;
    this.#found = environment.notes.get(this.#noteName);
  }

  get current(): string | undefined {
    return this.#found;
  }

  /** Requests are refused with what was found: whether it is looked up anew, since projects come and go. */
  doubt(): boolean {
    const ageMs = this.#environment.clock.monotonicMs() - this.#foundAtMs;
    if (this.#found === undefined || ageMs < trustMs) return false;
    this.#found = undefined;
    return true;
  }

  /** One search at a time. Rejects with a Fault that says what the owner has to do, or that it failed for now. */
  find(authorise: (request: UpstreamRequest) => UpstreamRequest): Promise<string> {
    const failure = this.#failure;
    if (failure !== undefined && this.#environment.clock.monotonicMs() < failure.untilMs) {
      return Promise.reject(failure.error as Error);
    }
    this.#search ??= this.#run(authorise).finally(() => (this.#search = undefined));
    return this.#search;
  }

  async #run(authorise: (request: UpstreamRequest) => UpstreamRequest): Promise<string> {
    const ask = (request: UpstreamRequest) =>
      this.#environment.ask({ ...authorise(request), origin: this.#call.origin });
    try {
      const project = await this.#discover(ask);
      this.#found = project;
      this.#foundAtMs = this.#environment.clock.monotonicMs();
      this.#environment.notes.set(this.#noteName, project);
      return project;
    } catch (error) {
      const untilMs = this.#environment.clock.monotonicMs() + failurePatienceMs;
      if (!isCured(error)) this.#failure = { error, untilMs };
      throw error;
    }
  }

  async #discover(ask: (request: UpstreamRequest) => Promise<ProviderAnswer>): Promise<string> {
    const configured = this.#configured;
    const named = configured === undefined ? {} : { cloudaicompanionProject: configured };
    const duet = configured === undefined ? {} : { duetProject: configured };
    const loadBody = { ...named, metadata: { ...metadata, ...duet } };
    const loaded = await ask(this.#post('loadCodeAssist', loadBody));
    if (isBehindPerimeter(loaded) && configured !== undefined) return configured;
    const answer = okBody(loaded);
    refuseValidation(answer);
    if (isJsonObject(answer['currentTier'])) {
      return projectIn(answer['cloudaicompanionProject']) ?? configured ?? missing(answer);
    }
    return this.#onboard(answer, ask);
  }

  async #onboard(loaded: JsonObject, ask: (request: UpstreamRequest) => Promise<ProviderAnswer>): Promise<string> {
    const tierId = defaultTier(loaded);
    if (tierId === undefined) return missing(loaded);
    const configured = this.#configured;
    // The free tier makes its own project and refuses any other.
    const named = tierId === freeTier || configured === undefined ? {} : { cloudaicompanionProject: configured };
    let operation = okBody(await ask(this.#post('onboardUser', { tierId, ...named, metadata })));
    for (let polls = 0; operation['done'] !== true; polls++) {
      if (polls === pollsMax) throw protocolFaults.upstream_error('Code Assist did not finish onboarding in a minute');
      await this.#environment.clock.sleep(pollMs);
      const { name } = operation;
      const next = typeof name === 'string' && name !== '' ? this.#call.operation(name) : undefined;
      operation = okBody(await ask(next ?? this.#post('onboardUser', { tierId, ...named, metadata })));
    }
    const response = isJsonObject(operation['response']) ? operation['response'] : {};
    return projectIn(response['cloudaicompanionProject']) ?? configured ?? missing(loaded);
  }

  #post(method: string, body: JsonObject): UpstreamRequest {
    return this.#call.post(method, 'unknown', JSON.stringify(body));
  }
}

/** Another token comes at once, and an account that was disabled is asked again only after a person did something. */
function isCured(error: unknown): boolean {
  return isFault(error) && (error.code === 'upstream_token_refused' || error.penalty === 'disable');
}

const freeTier = 'free-tier';

function okBody(answer: ProviderAnswer): JsonObject {
  if (answer.status === 401) {
    throw protocolFaults.upstream_token_refused('Google refused the token of the login (401)', { upstreamStatus: 401 });
  }
  if (answer.status !== 200) throw readFault(answer.status, answer.headers, answer.body);
  return jsonObjectAnswer(answer.body);
}

/** Inside a VPC Service Controls perimeter the call is refused, though requests are served. */
function isBehindPerimeter({ status, body }: ProviderAnswer): boolean {
  return status === 403 && body.includes('SECURITY_POLICY_VIOLATED');
}

function defaultTier({ allowedTiers }: JsonObject): string | undefined {
  const tiers = Array.isArray(allowedTiers) ? allowedTiers.filter(isJsonObject) : [];
  if (tiers.length === 0) return undefined;
  const id = tiers.find((tier) => tier['isDefault'] === true)?.['id'];
  return typeof id === 'string' ? id : 'legacy-tier';
}

function projectIn(value: Json | undefined): string | undefined {
  const id = isJsonObject(value) ? value['id'] : value;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function ineligible({ ineligibleTiers }: JsonObject): JsonObject[] {
  return Array.isArray(ineligibleTiers) ? ineligibleTiers.filter(isJsonObject) : [];
}

/** A person has to open an address before anything else. */
function refuseValidation(answer: JsonObject): void {
  if (isJsonObject(answer['currentTier'])) return;
  const tier = ineligible(answer).find((each) => each['reasonCode'] === 'VALIDATION_REQUIRED');
  const url = tier?.['validationUrl'];
  if (typeof url !== 'string') return;
  throw protocolFaults.upstream_action_required(`${reasonOf(tier)}; open ${url}`);
}

/** Google's own words, since they say what to do; UNSUPPORTED_CLIENT is for good. */
function missing(answer: JsonObject): never {
  const [tier] = ineligible(answer);
  if (tier === undefined) {
    throw protocolFaults.upstream_action_required(
      'project: Code Assist named no Google Cloud project for this login; set one in the account',
    );
  }
  throw protocolFaults.upstream_not_entitled(reasonOf(tier));
}

function reasonOf(tier: JsonObject | undefined): string {
  const { reasonMessage, reasonCode } = tier ?? {};
  if (typeof reasonMessage === 'string' && reasonMessage !== '') return reasonMessage.slice(0, 500);
  return `Code Assist does not serve this login (${typeof reasonCode === 'string' ? reasonCode : 'no reason given'})`;
}
