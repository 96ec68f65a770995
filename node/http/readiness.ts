/** `own_network`: the network of this node is at fault, so clients should go elsewhere. */
export type NodePhase = 'starting' | 'joining' | 'ready' | 'own_network' | 'draining';

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
