import type { NodeId } from '../membership/contract.ts';
import type { LeadershipObserver } from './contract.ts';

/** Tells of a leader once for each change of (leader, term). */
export class LeaderObservers {
  readonly #observers: LeadershipObserver[] = [];
  #told: { leader: NodeId | undefined; term: number } = { leader: undefined, term: 0 };

  add(observer: LeadershipObserver): void {
    this.#observers.push(observer);
  }

  tell(leader: NodeId | undefined, term: number): void {
    if (leader === this.#told.leader && (leader === undefined || term === this.#told.term)) return;
    this.#told = { leader, term };
    for (const observer of this.#observers) observer.leaderChanged?.(leader, term);
  }

  tellClusterTaken(isFounder: boolean): void {
    for (const observer of this.#observers) observer.clusterTaken?.(isFounder);
  }
}
