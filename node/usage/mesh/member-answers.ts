import type { Mesh } from '../../../cluster/contract.ts';
import type { Log } from '../../../kit/log.ts';
import type { UsageStore } from '../../store/contract.ts';
import { questionsServedMax } from '../limits.ts';
import {
  encodePrompt,
  encodeSum,
  encodeTraces,
  readRequestQuestion,
  readSumQuestion,
  readTracesQuestion,
  services,
} from './wire.ts';

/** What a member is told that gets no answer; it counts this node as missing, without waiting for it. */
const noAnswer = { refused: true };

/** Answers what other members ask of this node's store. */
export class MemberAnswers {
  readonly #log: Log;
  #served = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** From now on, for as long as the mesh lives. */
  begin(post: Mesh['post'], store: UsageStore): void {
    post.serve(services.sum, (_, body, answer) => {
      const query = readSumQuestion(body);
      this.#serve(answer, async () => encodeSum(await store.usage(query)));
    });
    post.serve(services.traces, (_, body, answer) => {
      const query = readTracesQuestion(body);
      this.#serve(answer, async () => encodeTraces(await store.traces(query)));
    });
    post.serve(services.trace, (_, body, answer) => {
      const requestId = readRequestQuestion(body);
      this.#serve(answer, async () => encodeTraces(listOf(await store.trace(requestId))));
    });
    post.serve(services.prompt, (_, body, answer) => {
      const requestId = readRequestQuestion(body);
      this.#serve(answer, async () => encodePrompt(await store.prompt(requestId)));
    });
  }

  #serve(answer: (body: unknown) => void, look: () => Promise<unknown>): void {
    if (this.#served >= questionsServedMax) return answer(noAnswer);
    this.#served++;
    void this.#look(look).then(answer);
  }

  async #look(look: () => Promise<unknown>): Promise<unknown> {
    try {
      return (await look()) ?? noAnswer;
    } catch (error) {
      this.#log.warn('A member asked for usage or traces, and the store does not say.', { error });
      return noAnswer;
    } finally {
      this.#served--;
    }
  }
}

function listOf<T>(item: T | undefined): T[] {
  return item === undefined ? [] : [item];
}
