import type {
  AnswerCache,
  AnswerSource,
  CacheLabel,
  KeptAnswer,
  Participant,
  Participation,
} from '../cache/contract.ts';
import { type ClientDirectives, clientDirectives, forbidsKeeping } from '../cache/directives.ts';
import { scopeValueLengthMax } from '../cache/scope.ts';
import { tagsOf } from '../cache/tags.ts';
import type { WireHeaders } from '../wire/contract.ts';
import type { CacheAdmission, Call } from './call.ts';
import { droppedText } from './client-side.ts';
import { protocolHeaders } from './protocol-headers.ts';

/** What the order of steps does when the cache has decided. */
export interface AdmissionHost {
  /** It is this call's turn to ask an upstream. */
  goOn(): void;
  serveKept(answer: KeptAnswer): void;
  /** Nobody waits for this call's answer any more. */
  deserted(): void;
}

/** A call's dealings with the cache: it is answered from there, waits for an identical one, or leads others. */
export class Admission implements CacheAdmission, Participant {
  readonly #call: Call;
  readonly #cache: AnswerCache;
  readonly #host: AdmissionHost;
  readonly #label: CacheLabel;
  readonly #directives: ClientDirectives;
  #place: Participation | undefined;

  constructor(call: Call, cache: AnswerCache, host: AdmissionHost, label: CacheLabel, directives: ClientDirectives) {
    this.#call = call;
    this.#cache = cache;
    this.#host = host;
    this.#label = label;
    this.#directives = directives;
  }

  get key(): string {
    return this.#label.key;
  }

  get ageMsMax(): number {
    return this.#directives.ageMsMax;
  }

  get hasFollowers(): boolean {
    return this.#place?.hasFollowers === true;
  }

  get isWaiting(): boolean {
    return this.#place?.isLeading === false;
  }

  /** Answers true when the call is to ask an upstream now; otherwise it was answered, or waits. */
  enter(waitMsMax: number): boolean {
    const { noCache, ageMsMax } = this.#directives;
    if (noCache) {
      this.#place = this.#cache.refresh(this.#label, this);
      return true;
    }
    const kept = this.#cache.find(this.#label.key, ageMsMax);
    if (kept !== undefined) {
      this.serve(kept, 'hit');
      return false;
    }
    this.#call.cacheOutcome = 'miss';
    this.#place = this.#cache.join(this.#label, this, waitMsMax);
    return this.#place.isLeading;
  }

  noteHeaders(headers: WireHeaders): void {
    if (forbidsKeeping(headers['cache-control'])) this.forbid();
  }

  keep(body: Buffer | string): void {
    if (this.#place === undefined) return;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    this.#place.keep({ body: bytes, dropped: droppedText(this.#call.dropped) });
  }

  forbid(): void {
    this.#place?.forbid();
  }

  fail(): void {
    this.#place?.fail();
  }

  leave(): void {
    this.#place?.leave();
  }

  lead(): void {
    this.#host.goOn();
  }

  serve(answer: KeptAnswer, source: AnswerSource): void {
    this.#call.cacheOutcome = source;
    this.#host.serveKept(answer);
  }

  deserted(): void {
    this.#host.deserted();
  }
}

/** The admission of a call whose answer may come from the cache or go into it; undefined for all others. */
export function admissionOf(call: Call, cache: AnswerCache, host: AdmissionHost): Admission | undefined {
  const { endpoint, request } = call;
  if (call.stream || endpoint.kind !== 'protocol' || endpoint.operation === 'count_tokens') return undefined;
  const directives = clientDirectives(request.headers['cache-control'], request.headers.pragma);
  if (directives.noStore) return undefined;
  const key = cache.keyOf({
    protocol: endpoint.protocol,
    operation: endpoint.operation,
    tenant: call.caller?.tenant ?? '',
    modelAsked: call.requestedModel,
    modelServed: servedName(call),
    headers: protocolHeaders(call),
    body: call.body,
  });
  if (key === undefined) return undefined;
  const tags = tagsOf(request.headers['x-aiproxy-cache-tag']);
  return new Admission(
    call,
    cache,
    host,
    { key, model: call.requestedModel.slice(0, scopeValueLengthMax), tags },
    directives,
  );
}

function servedName({ route, requestedModel }: Call): string {
  if (route === undefined) return requestedModel;
  const { model, provider } = route.resolved;
  return provider === undefined ? model : `${provider}/${model}`;
}
