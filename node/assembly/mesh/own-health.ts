import type { Mesh, SelfHealth } from '../../../cluster/contract.ts';
import type { Readiness } from '../../http/readiness.ts';

/**
 * How this node is, for its members and for whoever asks whether it is ready. Several parts have a say, and none may undo
 * what another said: a network that works again makes no node ready that has not joined, or that drains.
 */
export class OwnHealth {
  readonly #mesh: Pick<Mesh, 'setHealth'>;
  readonly #readiness: Readiness;
  #isJoined = false;
  #isNetworkAtFault = false;
  #isDraining = false;

  constructor(mesh: Pick<Mesh, 'setHealth'>, readiness: Readiness) {
    this.#mesh = mesh;
    this.#readiness = readiness;
  }

  joined(): void {
    this.#isJoined = true;
    this.#tell();
  }

  networkAtFault(isAtFault: boolean): void {
    this.#isNetworkAtFault = isAtFault;
    this.#tell();
  }

  /** For good. The listeners say themselves that they drain, once they do. */
  draining(): void {
    this.#isDraining = true;
    this.#tell();
  }

  #tell(): void {
    const health = this.#current();
    this.#mesh.setHealth(health);
    if (health !== 'draining') this.#readiness.enter(health === 'well' ? 'ready' : health);
  }

  #current(): SelfHealth {
    if (this.#isDraining) return 'draining';
    if (this.#isNetworkAtFault) return 'own_network';
    return this.#isJoined ? 'well' : 'joining';
  }
}
