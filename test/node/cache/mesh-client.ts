import { hash } from 'node:crypto';
import type { AnswerSource, CacheLabel, KeptAnswer, Participant, Participation } from '../../../node/cache/contract.ts';
import type { FakeNode } from './fake-mesh.ts';

/** A label whose key has the right form, by any name. */
export function label(name: string, model = 'm', tags: string[] = []): CacheLabel {
  return { key: hash('sha256', name, 'base64url'), model, tags };
}

/** One request at one node, as `forward` would bring it. */
export class Request implements Participant {
  /** It was told to ask the upstream. */
  isAsking = false;
  outcome: AnswerSource | undefined;
  text: string | undefined;
  place: Participation | undefined;
  readonly node: FakeNode;
  readonly ageMsMax: number;
  readonly #onLead: (request: Request) => void;

  constructor(node: FakeNode, of: CacheLabel, onLead: (request: Request) => void = () => {}, ageMsMax = Infinity) {
    this.node = node;
    this.ageMsMax = ageMsMax;
    this.#onLead = onLead;
    const kept = node.cache.isEnabled ? node.cache.find(of.key, ageMsMax) : undefined;
    if (kept !== undefined) {
      this.serve(kept, 'hit');
      return;
    }
    this.place = node.cache.join(of, this, 60_000);
    if (this.place.isLeading) this.lead();
  }

  get state(): string {
    if (this.outcome !== undefined) return `${this.outcome} ${this.text}`;
    return this.isAsking ? 'asks' : 'waits';
  }

  lead(): void {
    this.isAsking = true;
    this.#onLead(this);
  }

  serve(answer: KeptAnswer, source: AnswerSource): void {
    this.outcome = source;
    this.text = answer.body.toString();
  }

  deserted(): void {}

  /** The upstream answered. */
  answered(text: string): void {
    this.place?.keep({ body: Buffer.from(text), dropped: '' });
  }
}

/** A request at a node, now. */
export function ask(node: FakeNode, of: CacheLabel, onLead?: (request: Request) => void): Request {
  return new Request(node, of, onLead);
}

/** A request that takes no answer older than so many milliseconds. */
export function askForYoung(node: FakeNode, of: CacheLabel, ageMsMax: number): Request {
  return new Request(node, of, undefined, ageMsMax);
}
