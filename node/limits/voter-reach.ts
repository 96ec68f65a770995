import type { Mesh } from '../../cluster/contract.ts';
import type { VoterConfig } from '../../cluster/leader/contract.ts';

/** Which part of the voters this node reaches. Suspects do not count: they may be on the other side already. */
export class VoterReach {
  readonly #mesh: Pick<Mesh, 'self' | 'members' | 'leadership'>;
  #onBroken: () => void = () => undefined;
  #config: VoterConfig | undefined;
  #voters = 1;
  #reachable = 1;

  constructor(mesh: Pick<Mesh, 'self' | 'members' | 'leadership'>) {
    this.#mesh = mesh;
    this.#count();
    mesh.members.observe({ memberChanged: () => this.#count() });
    mesh.leadership.observe({ leaderChanged: () => this.#count() });
  }

  /** Called when a voter goes out of reach and until then all were in reach. */
  onBroken(listener: () => void): void {
    this.#onBroken = listener;
  }

  get voters(): number {
    return this.#voters;
  }

  get reachable(): number {
    return this.#reachable;
  }

  get isWhole(): boolean {
    return this.#reachable === this.#voters;
  }

  /** Takes over voters that changed without a word. */
  look(): void {
    if (this.#mesh.leadership.config !== this.#config) this.#count();
  }

  #count(): void {
    const wasWhole = this.isWhole;
    this.#config = this.#mesh.leadership.config;
    const voters = this.#config?.voters ?? [];
    this.#voters = Math.max(1, voters.length);
    this.#reachable = voters.length === 0 ? 1 : voters.filter((voter) => this.#isReached(voter)).length;
    if (wasWhole && !this.isWhole) this.#onBroken();
  }

  #isReached(voter: string): boolean {
    return voter === this.#mesh.self || this.#mesh.members.get(voter)?.state === 'alive';
  }
}
