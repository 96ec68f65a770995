import type { Mesh } from '../../../cluster/contract.ts';
import type { Log } from '../../../kit/log.ts';
import type { OwnHealth } from './own-health.ts';

export interface MeshMembershipParts {
  readonly mesh: Mesh;
  readonly health: OwnHealth;
  readonly log: Log;
  /** Stops the whole node. */
  readonly stop: () => Promise<void>;
}

/** The node's coming and going in the mesh: joins, says that it drains, leaves, and ends the node when it must. */
export class MeshMembership {
  readonly #parts: MeshMembershipParts;
  readonly #ended = Promise.withResolvers<Error | undefined>();
  #leavesForGood = false;

  constructor(parts: MeshMembershipParts) {
    this.#parts = parts;
  }

  /** Resolves when the node stopped by itself, with the reason when it had to. */
  get ended(): Promise<Error | undefined> {
    return this.#ended.promise;
  }

  start(): Promise<void> {
    return this.#parts.mesh.start((fault) => this.#end(fault));
  }

  /** No new owned keys and no leadership from now on; the answers under way go on. */
  announceDraining(): void {
    const { mesh, health } = this.#parts;
    health.draining();
    if (mesh.leadership.isSelf && mesh.members.live.length > 1) mesh.leadership.resign(() => undefined);
  }

  /** Takes the node out of the mesh and stops it; returns at once. */
  leaveForGood(): void {
    this.#leavesForGood = true;
    this.#end(undefined);
  }

  /** The last step of a node that stops. */
  leave(): Promise<void> {
    return this.#parts.mesh.leave(this.#leavesForGood);
  }

  #end(reason: Error | undefined): void {
    const { log, stop } = this.#parts;
    if (reason !== undefined) log.error(`the node leaves the mesh and stops: ${reason.message}`);
    stop().then(
      () => this.#ended.resolve(reason),
      (error: unknown) =>
        this.#ended.resolve(error instanceof Error ? error : new Error('the node did not stop cleanly')),
    );
  }
}
