import type { NodeId } from './membership/contract.ts';
import type { Post } from './post/contract.ts';

/** The post of a node alone: reaches nobody, and nobody reaches it. */
export class SilentPost implements Post {
  readonly self: NodeId;

  constructor(self: NodeId) {
    this.self = self;
  }

  reachable(): readonly NodeId[] {
    return [];
  }

  isReachable(): boolean {
    return false;
  }

  send(): boolean {
    return false;
  }

  broadcast(): number {
    return 0;
  }

  on(): void {}

  /** There is nobody to wait for, so `done` is called at once. */
  ask(_to: NodeId, _service: string, _body: unknown, _timeoutMs: number, done: (answer: undefined) => void): void {
    done(undefined);
  }

  serve(): void {}

  observe(): void {}
}
