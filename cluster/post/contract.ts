/** Messages between members, by node id: what the parts of the mesh speak through. */
import type { NodeId } from '../membership/contract.ts';

/** Anything that MessagePack carries. Unknown fields are passed over, so that versions can be mixed. */
export type Body = unknown;

/** Hears which members can be reached directly. */
export interface PostObserver {
  /** The member introduced itself over an open connection. */
  reached?(node: NodeId): void;
  /** No connection to it any more. */
  lost?(node: NodeId): void;
}

/**
 * Sends and receives messages. A handler that throws a Fault says the message is malformed: it is counted against the
 * peer, which is dropped when it sends too many of them; nothing else happens.
 */
export interface Post {
  readonly self: NodeId;
  /** Members with an open connection. */
  reachable(): readonly NodeId[];
  isReachable(node: NodeId): boolean;
  /** Best effort. False: not reachable, or its buffer is full. */
  send(to: NodeId, kind: string, body: Body): boolean;
  /** To every reachable member, encoded once. Answers how many took it. */
  broadcast(kind: string, body: Body): number;
  /** What to do with messages of a kind; one handler a kind. */
  on(kind: string, handler: (from: NodeId, body: Body) => void): void;
  /** Asks a service of a member. `done` is called once, with undefined when no answer came in time. */
  ask(to: NodeId, service: string, body: Body, timeoutMs: number, done: (answer: Body | undefined) => void): void;
  /** Answers questions; `answer` may be called later, at most once. One handler a service. */
  serve(service: string, handler: (from: NodeId, body: Body, answer: (body: Body) => void) => void): void;
  observe(observer: PostObserver): void;
}
