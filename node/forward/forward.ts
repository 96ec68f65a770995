import type { IncomingMessage, ServerResponse } from 'node:http';
import { DenseSet } from '../../kit/dense-set.ts';
import { RequestIds } from '../../kit/random.ts';
import type { ClientProtocol } from '../protocols/contract.ts';
import type { Upstream, UpstreamRequest } from '../providers/contract.ts';
import { askOrigin, askUpstream, type UpstreamAnswer } from './ask-upstream.ts';
import { Call } from './call.ts';
import type { DataPlane, ForwardDependencies, ForwardOptions } from './contract.ts';
import { type Endpoint, findEndpoint } from './endpoint.ts';
import { Engine } from './engine.ts';
import { Passage } from './passage.ts';

/** A look-up is short work; what needs longer than this is given up. */
const ownCallTimeoutMs = 10_000;

/**
 * The data plane of a node: takes the requests whose path it knows and leads each through
 *
 *   receive ─► authorise ─► admit ─► choose ─► send ─► relay ─► settle
 */
export class Forward implements DataPlane {
  readonly #engine: Engine;
  readonly #active = new DenseSet<Passage>();
  readonly #ids: RequestIds;
  readonly #onSettled = (passage: Passage): void => this.#active.delete(passage);

  constructor(deps: ForwardDependencies, options: ForwardOptions) {
    this.#engine = new Engine(deps, options);
    this.#ids = new RequestIds(deps.random, deps.clock);
  }

  get active(): number {
    return this.#active.size;
  }

  /** Requests that hold one of the places of `global_max_concurrency`. */
  get inFlight(): number {
    return this.#engine.places.taken;
  }

  get waiting(): number {
    return this.#engine.deps.waitQueue.waiting;
  }

  get globalMaxConcurrency(): number {
    return this.#engine.places.limit;
  }

  /** Takes over changed options while running. */
  reconfigure(options: ForwardOptions): void {
    this.#engine.reconfigure(options);
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { deps } = this.#engine;
    if (request.method === 'OPTIONS') return false;
    const found = findEndpoint(request.url ?? '/', deps.providers);
    if (found === undefined) return false;
    const startedMs = deps.clock.monotonicMs();
    const protocol = this.#protocolOf(found.endpoint);
    const call = new Call(this.#ids.next(startedMs), request, response, found, protocol, startedMs);
    const passage = new Passage(call, this.#engine, this.#onSettled);
    this.#active.add(passage);
    passage.start();
    return true;
  }

  /** A call of the node's own to an account's upstream, over the same connections. Throws a Fault. */
  ask(upstream: Upstream, request: UpstreamRequest, timeoutMs: number): Promise<UpstreamAnswer> {
    return askUpstream(this.#engine.pools, upstream, request, timeoutMs);
  }

  /** A call of a provider's own to any origin, over the same connections, with the request as it is. Throws a Fault. */
  askOrigin(request: UpstreamRequest & { origin: string }, timeoutMs = ownCallTimeoutMs): Promise<UpstreamAnswer> {
    return askOrigin(this.#engine.pools, request.origin, request, timeoutMs);
  }

  /** Ends what is still under way, with an error to its clients, and closes the connections to upstreams. */
  async stop(): Promise<void> {
    const passages = this.#active.snapshot();
    // Those who wait for others' answers first, or each would take its leader's place at the upstream.
    const leading = passages.filter((passage) => !passage.isFollowing);
    for (const passage of passages) if (passage.isFollowing) passage.interrupt();
    for (const passage of leading) passage.interrupt();
    await this.#engine.stop();
  }

  #protocolOf(endpoint: Endpoint): ClientProtocol {
    return this.#engine.deps.protocols[endpoint.kind === 'protocol' ? endpoint.protocol : 'openai-chat'];
  }
}
