export type NodePhase = 'starting' | 'joining' | 'ready' | 'draining';

/** Where the node stands in its life. Ready only in between joining and draining. */
export class Readiness {
  #phase: NodePhase = 'starting';

  get phase(): NodePhase {
    return this.#phase;
  }

  get isReady(): boolean {
    return this.#phase === 'ready';
  }

  /** A draining node never becomes ready again. */
  enter(phase: NodePhase): void {
    if (this.#phase !== 'draining') this.#phase = phase;
  }
}
