import type { Log } from '../../../kit/log.ts';
import type { AccountRouter } from '../../routing/index.ts';
import type { SharedChanges } from './shared-changes.ts';

export interface SharedAlgorithmParts {
  readonly changes: SharedChanges;
  readonly router: AccountRouter;
  readonly log: Log;
  readonly configured: string;
}

/** The strategy that a person chose at run time, at whichever member; else the configured one. */
export class SharedAlgorithm {
  readonly #parts: SharedAlgorithmParts;
  #configured: string;

  constructor(parts: SharedAlgorithmParts) {
    this.#parts = parts;
    this.#configured = parts.configured;
    this.follow();
  }

  configure(algorithm: string): void {
    this.#configured = algorithm;
    this.follow();
  }

  follow(): void {
    const { changes, router, log } = this.#parts;
    const wanted = changes.algorithm ?? this.#configured;
    if (router.algorithm === wanted) return;
    const isKnown = router.strategies.factories.some(
      ({ name, aliases = [] }) => name === wanted || aliases.includes(wanted),
    );
    if (isKnown) router.algorithm = wanted;
    else log.warn(`the cluster's strategy ${wanted} is not known to this version; ${router.algorithm} stays`);
  }
}
