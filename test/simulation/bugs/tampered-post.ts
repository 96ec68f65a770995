import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { Body, Post, PostObserver } from '../../../cluster/post/contract.ts';

/** What a planted bug does to messages; undefined in place of a body: the message is not there. */
export interface Tampering {
  /** Frames, questions, and answers to its own. */
  hear?(from: NodeId, kind: string, body: Body): Body | undefined;
  say?(to: NodeId | undefined, kind: string, body: Body): Body | undefined;
  /** To the answers that this node gives. */
  answer?(service: string, body: Body): Body;
  /** Knows the handlers of the part, to call them itself. */
  handled?(kind: string, handler: (from: NodeId, body: Body) => void): void;
}

/** A post between a part and its messages. */
export class TamperedPost implements Post {
  readonly #post: Post;
  readonly #tampering: Tampering;

  constructor(post: Post, tampering: Tampering) {
    this.#post = post;
    this.#tampering = tampering;
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
    const said = this.#said(to, kind, body);
    return said === undefined ? true : this.#post.send(to, kind, said);
  }

  broadcast(kind: string, body: Body): number {
    const said = this.#said(undefined, kind, body);
    return said === undefined ? this.#post.reachable().length : this.#post.broadcast(kind, said);
  }

  on(kind: string, handler: (from: NodeId, body: Body) => void): void {
    this.#tampering.handled?.(kind, handler);
    this.#post.on(kind, (from, body) => {
      const heard = this.#heard(from, kind, body);
      if (heard !== undefined) handler(from, heard);
    });
  }

  ask(to: NodeId, service: string, body: Body, timeoutMs: number, done: (answer: Body | undefined) => void): void {
    this.#post.ask(to, service, body, timeoutMs, (answer) => {
      done(answer === undefined ? undefined : this.#heard(to, service, answer));
    });
  }

  serve(service: string, handler: (from: NodeId, body: Body, answer: (body: Body) => void) => void): void {
    this.#post.serve(service, (from, body, answer) => {
      const heard = this.#heard(from, service, body);
      if (heard === undefined) return;
      handler(from, heard, (given) => answer(this.#tampering.answer?.(service, given) ?? given));
    });
  }

  observe(observer: PostObserver): void {
    this.#post.observe(observer);
  }

  #heard(from: NodeId, kind: string, body: Body): Body | undefined {
    return this.#tampering.hear === undefined ? body : this.#tampering.hear(from, kind, body);
  }

  #said(to: NodeId | undefined, kind: string, body: Body): Body | undefined {
    return this.#tampering.say === undefined ? body : this.#tampering.say(to, kind, body);
  }
}
