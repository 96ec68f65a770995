import type { Mesh } from '../../../cluster/contract.ts';
import type { Clock } from '../../../kit/clock.ts';
import { isFault } from '../../../kit/fault.ts';
import type { Log } from '../../../kit/log.ts';
import type { KeptPrompt, Trace, TraceQuery, UsageQuery, UsageRow, UsageStore } from '../../store/contract.ts';
import type { RecorderReading, UsageDesk } from '../contract.ts';
import { oneTraceTimeoutMs, sumTimeoutMs, tracesPerAnswerMax, tracesTimeoutMs } from '../limits.ts';
import { mergeSums, mergeTraces } from '../merge.ts';
import { openPrompt } from '../sealed-prompt.ts';
import { MemberAnswers } from './member-answers.ts';
import { MemberQuestions, type Answers } from './member-questions.ts';
import { questionBody, readPrompt, readSum, readTraces, services } from './wire.ts';

export type UsageMesh = Pick<Mesh, 'self' | 'members' | 'leadership' | 'post' | 'sealer'>;

export interface ClusterUsageParts {
  readonly mesh: UsageMesh;
  readonly store: UsageStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly reading: () => RecorderReading;
}

/**
 * Questions to the whole cluster: this node asks its own store and every live member, and merges. A store that several
 * nodes share is asked alone.
 */
export class ClusterUsage implements UsageDesk {
  readonly #parts: ClusterUsageParts;
  readonly #questions: MemberQuestions;

  constructor(parts: ClusterUsageParts) {
    this.#parts = parts;
    this.#questions = new MemberQuestions(parts.mesh, parts.log);
    new MemberAnswers(parts.log).begin(parts.mesh.post, parts.store);
  }

  async usage(query: UsageQuery): Promise<{ rows: readonly UsageRow[]; missing: readonly string[] }> {
    const own = () => this.#parts.store.usage(query);
    const ask = () => this.#questions.all(services.sum, questionBody(query), sumTimeoutMs, readSum);
    const { lists, missing } = await this.#gather(own, ask);
    return { rows: mergeSums(lists), missing };
  }

  async traces(query: TraceQuery): Promise<{ traces: readonly Trace[]; missing: readonly string[] }> {
    const asked = { ...query, limit: Math.min(query.limit, tracesPerAnswerMax) };
    const own = () => this.#parts.store.traces(asked);
    const ask = () => this.#questions.all(services.traces, questionBody(asked), tracesTimeoutMs, readTraces);
    const { lists, missing } = await this.#gather(own, ask);
    return { traces: mergeTraces(lists, asked.limit), missing };
  }

  async trace(requestId: string): Promise<Trace | undefined> {
    const { store } = this.#parts;
    const own = await store.trace(requestId);
    if (own !== undefined || store.isShared) return own;
    const found = await this.#questions.first(services.trace, { requestId }, oneTraceTimeoutMs, readTraces);
    return found?.requestId === requestId ? found : undefined;
  }

  async prompt(requestId: string): Promise<{ prompt: string; answer: string } | undefined> {
    const { clock, mesh } = this.#parts;
    const kept = await this.#keptPrompt(requestId);
    if (kept === undefined || kept.expiresAtMs <= clock.nowMs()) return undefined;
    return openPrompt(requestId, kept.content, mesh.sealer);
  }

  reading(): RecorderReading {
    return this.#parts.reading();
  }

  async #keptPrompt(requestId: string): Promise<KeptPrompt | undefined> {
    const { store } = this.#parts;
    const own = await store.prompt(requestId);
    if (own !== undefined || store.isShared) return own;
    const read = (answer: unknown) => readPrompt(requestId, answer);
    return this.#questions.first(services.prompt, { requestId }, oneTraceTimeoutMs, read);
  }

  /** A member whose own store does not answer is missing like any other; rejects only where nobody answers at all. */
  async #gather<T>(
    own: () => Promise<T[]>,
    ask: () => Promise<Answers<T[]>>,
  ): Promise<{ lists: readonly (readonly T[])[]; missing: readonly string[] }> {
    const { store, mesh } = this.#parts;
    if (store.isShared) return { lists: [await own()], missing: [] };
    const [mine, theirs] = await Promise.allSettled([own(), ask()]);
    if (theirs.status === 'rejected') throw theirs.reason;
    const { answers, missing } = theirs.value;
    if (mine.status === 'fulfilled') return { lists: [mine.value, ...answers], missing };
    // Of the question itself it is told; of a store that fails only where nobody else has an answer.
    if (answers.length === 0 || (isFault(mine.reason) && mine.reason.source === 'client')) throw mine.reason;
    return { lists: answers, missing: [mesh.self, ...missing].toSorted() };
  }
}
