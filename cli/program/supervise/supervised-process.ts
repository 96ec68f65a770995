import type { ChildProcess } from 'node:child_process';
import { type AdminFacts, fromNode, type NodeFacts, type ToNode } from './messages.ts';
import { TaggedLines } from './tagged-lines.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One run of a node's process, as its supervisor sees it. */
export class SupervisedProcess {
  /** Settles never when the process ends before. */
  readonly listening: Promise<NodeFacts>;
  readonly ready: Promise<void>;
  /** Settles only where this node made the first user. */
  readonly adminMade: Promise<AdminFacts>;
  readonly exited: Promise<Exit>;
  isReady = false;
  readonly #child: ChildProcess;

  /** `write` takes what the process writes, line by line, with `name` in it. */
  constructor(child: ChildProcess, name: string, write: (text: string) => void) {
    this.#child = child;
    const lines = [child.stdout, child.stderr].map((stream) => {
      const tagged = new TaggedLines(name, write);
      stream?.setEncoding('utf8').on('data', (text: string) => tagged.add(text));
      stream?.on('end', () => tagged.end());
      return tagged;
    });
    const listening = Promise.withResolvers<NodeFacts>();
    const ready = Promise.withResolvers<void>();
    const adminMade = Promise.withResolvers<AdminFacts>();
    const exited = Promise.withResolvers<Exit>();
    this.listening = listening.promise;
    this.ready = ready.promise;
    this.adminMade = adminMade.promise;
    this.exited = exited.promise;
    child.on('message', (message) => {
      const said = fromNode(message);
      if (said?.aiproxy === 'listening') {
        for (const each of lines) each.isTagging = true;
        listening.resolve(said.facts);
      } else if (said?.aiproxy === 'ready') {
        this.isReady = true;
        ready.resolve();
      } else if (said?.aiproxy === 'admin') adminMade.resolve(said.admin);
    });
    // A failed spawn has no exit. A message to a process that just ended is an error too, and its exit is on the way.
    child.on('error', () => {
      if (child.pid === undefined) exited.resolve({ code: null, signal: null });
    });
    // Comes after the last line was read.
    child.once('close', (code, signal) => {
      this.isReady = false;
      exited.resolve({ code, signal });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Has the node drain and end. */
  stop(): void {
    this.isReady = false;
    const message: ToNode = { aiproxy: 'stop' };
    // The channel of a process that just ended is closed; its exit is on the way.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
