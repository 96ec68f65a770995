import { askNode } from './ask-node.ts';
import { chatModel } from './demo-accounts.ts';
import type { DemoSite } from './demo-site.ts';
import { dialects } from './dialects.ts';

/** What came of the requests that ran meanwhile. */
export interface LoadResult {
  requests: number;
  /** Lost with a node that died, and answered when they were asked once more, as every SDK does by itself. */
  repeated: number;
  /** Not answered the second time either. */
  failed: number;
}

const clients = 4;
/** A bound: they go on until they are told to stop. */
const requestsMax = 20_000;

/** Requests without a pause, each after the one before: through nginx, else round the nodes. */
export class Load {
  readonly #site: DemoSite;
  readonly #signal: AbortSignal;
  readonly #running: Promise<void>;
  readonly #result: LoadResult = { requests: 0, repeated: 0, failed: 0 };
  #isStopping = false;
  #turn = 0;

  constructor(site: DemoSite, signal: AbortSignal) {
    this.#site = site;
    this.#signal = signal;
    this.#running = Promise.all(Array.from({ length: clients }, () => this.#run())).then(() => undefined);
  }

  get answered(): number {
    return this.#result.requests;
  }

  async stop(): Promise<LoadResult> {
    this.#isStopping = true;
    await this.#running;
    return this.#result;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping && !this.#signal.aborted && this.#turn < requestsMax) {
      const question = `Request ${++this.#turn}`;
      const url = this.#url();
      if (!(await this.#ask(question, url))) {
        this.#result.repeated++;
        if (!(await this.#ask(question, this.#url(url)))) this.#result.failed++;
      }
      this.#result.requests++;
    }
  }

  async #ask(question: string, url: string): Promise<boolean> {
    const chat = dialects['openai-chat'];
    const body = chat.body(chatModel, false, question);
    try {
      const answer = await askNode(this.#site, { path: chat.path(chatModel, false), body }, this.#signal, url);
      return answer.status === 200 && chat.text(answer.whole) === question;
    } catch {
      // Refused or reset: what a client sees of a node that is gone.
      return false;
    }
  }

  /** Of the next node that lives, and is not the one that just failed. */
  #url(failedUrl?: string): string {
    const { hasNginx, url, members } = this.#site;
    if (hasNginx) return url;
    const running = members.filter((member) => member.isRunning && member.url !== failedUrl);
    return running[this.#turn % running.length]?.url ?? url;
  }
}
