import { expect } from 'vitest';
import { lastPrompt } from '../upstream/plan.ts';
import type { Prompt } from '../upstream/prompt.ts';
import type { RecordedRequest } from '../upstream/ledger.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Cell } from './cell.ts';
import type { Ask, Heard, Part, Speaker, Subject } from './contract.ts';
import type { RunningSubject } from './running-subject.ts';

export interface Case {
  readonly id: string;
  readonly title: string;
  /** What is tried and what must hold, one sentence for the page. */
  readonly meaning: string;
  run(scene: Scene): Promise<void>;
}

/** One case from one client protocol at one provider. */
export class Scene {
  readonly running: RunningSubject;
  readonly speaker: Speaker;
  readonly #cell: Cell;

  constructor(running: RunningSubject, speaker: Speaker, cell: Cell) {
    this.running = running;
    this.speaker = speaker;
    this.#cell = cell;
  }

  get subject(): Subject {
    return this.running.subject;
  }

  get upstream(): Upstream {
    return this.running.standIn.upstream;
  }

  get model(): string {
    return this.subject.model;
  }

  /** Calls of the models that reached the upstream, with its refusals. */
  get calls(): RecordedRequest[] {
    return this.upstream.requests.filter((request) => request.method === 'POST' && !isBesides(request));
  }

  /** What the model was last asked. */
  get prompt(): Prompt {
    const prompt = lastPrompt();
    if (prompt === undefined) throw new Error('no model was asked');
    return prompt;
  }

  /** Asks, and fails for an answer that is an error. */
  async ask(ask: Ask, isStream = false): Promise<Heard> {
    const heard = await this.attempt(ask, isStream);
    expect(heard.failure, JSON.stringify(heard.failure)).toBeUndefined();
    return heard;
  }

  /** Asks; the answer may be an error. */
  async attempt(ask: Ask, isStream = false): Promise<Heard> {
    const heard = await this.speaker.ask(this.running.door, ask, isStream);
    for (const name of heard.dropped) this.running.explanations.loss(name, this.#cell);
    if (heard.isEstimate) this.running.explanations.loss('usage', this.#cell);
    return heard;
  }

  /** Asks for what may be refused; undefined when it was, by a 400 that names the field. */
  async askOrRefused(ask: Ask): Promise<Heard | undefined> {
    const heard = await this.attempt(ask);
    if (heard.failure === undefined) return heard;
    expect(heard.failure.status, JSON.stringify(heard.failure)).toBe(400);
    expect(this.calls, 'what a node refuses, no upstream sees').toEqual([]);
    this.running.explanations.refusal(heard.failure.message, this.#cell);
    return undefined;
  }

  can(part: Part): boolean {
    return this.running.explanations.can(part, this.speaker, this.#cell);
  }

  /** Nothing of the case works; the notes say why. */
  refused(): void {
    this.#cell.verdict = 'refused';
  }

  /** The case means nothing here; the notes say why. */
  notApplicable(): void {
    this.#cell.verdict = 'n/a';
  }
}

/** Look-ups of an account: its project, its profile, its limits. */
function isBesides({ path, headers }: RecordedRequest): boolean {
  return /oauth2?\/|\/token |loadCodeAssist|onboardUser|List[A-Z]|GetUsage|retrieveUserQuota/i.test(
    `${path} ${headers['x-amz-target'] ?? ''}`,
  );
}
