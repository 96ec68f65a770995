import { isFault } from '../../../kit/fault.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { Body, Post, PostObserver } from '../../../cluster/post/contract.ts';
import type { SimProcess } from './sim-process.ts';

/** A post that sees what handlers make of messages, and writes down what passes when there is a trace. */
export class CheckedPost implements Post {
  readonly #post: Post;
  readonly #process: SimProcess;

  constructor(post: Post, process: SimProcess) {
    this.#post = post;
    this.#process = process;
  }

  get self(): NodeId {
    return this.#post.self;
  }

  reachable(): readonly NodeId[] {
    return this.#post.reachable();
  }

  isReachable(node: NodeId): boolean {
    return this.#post.isReachable(node);
  }

  send(to: NodeId, kind: string, body: Body): boolean {
    const isTaken = this.#post.send(to, kind, body);
    this.#process.note(() => `-> ${to} ${kind} ${brief(body)}${isTaken ? '' : ' (not taken)'}`, true);
    return isTaken;
  }

  broadcast(kind: string, body: Body): number {
    this.#process.note(() => `-> all ${kind} ${brief(body)}`, true);
    return this.#post.broadcast(kind, body);
  }

  on(kind: string, handler: (from: NodeId, body: Body) => void): void {
    this.#post.on(kind, (from, body) => {
      this.#process.note(() => `<- ${from} ${kind} ${brief(body)}`, true);
      this.#watched(from, kind, body, () => handler(from, body));
    });
  }

  ask(to: NodeId, service: string, body: Body, timeoutMs: number, done: (answer: Body | undefined) => void): void {
    this.#process.note(() => `?> ${to} ${service} ${brief(body)}`, true);
    this.#post.ask(to, service, body, timeoutMs, (answer) => {
      this.#process.note(() => `<? ${to} ${service} answered ${brief(answer)}`, true);
      done(answer);
    });
  }

  serve(service: string, handler: (from: NodeId, body: Body, answer: (body: Body) => void) => void): void {
    this.#post.serve(service, (from, body, answer) => {
      this.#watched(from, service, body, () => handler(from, body, answer));
    });
  }

  observe(observer: PostObserver): void {
    this.#post.observe(observer);
  }

  #watched(from: NodeId, kind: string, body: Body, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#process.world.handlerThrew(this.#process, from, kind, body, error, isFault(error));
      throw error;
    }
  }
}

function brief(body: Body): string {
  return (JSON.stringify(body) ?? 'undefined').slice(0, 300);
}
