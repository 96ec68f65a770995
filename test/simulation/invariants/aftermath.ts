import { majorityOf } from '../../../cluster/leader/voter-config.ts';
import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';
import { accounts } from '../workload/issuer.ts';
import { QuotaAftermath } from './quota-aftermath.ts';

/**
 * Once all is healed, nothing keeps the leader from refreshing; and what a liar left behind keeps nobody from writing.
 * Only where too few voters are left that are sure to know of all acts must a person take out who is gone: after a liar,
 * after lost disks, where the voters were named and one was gone before there was a leader, and where founders that know
 * went for good before a leader had taught the others.
 */
export class Aftermath {
  readonly #world: World;
  readonly #refused = new Map<string, string>();
  readonly #mayLackKnowledge: boolean;
  readonly #quotas: QuotaAftermath;
  #rounds = 0;

  constructor(world: World) {
    this.#world = world;
    this.#quotas = new QuotaAftermath(world);
    const { hasStaticVoters, misfortunes } = world.plan;
    this.#mayLackKnowledge = world.liar !== undefined || hasStaticVoters || misfortunes.diskLossRate > 0;
    for (const account of accounts) this.#refused.set(account, 'not asked yet');
  }

  /** In words, what of the limits is still missing. */
  missingUnits(): string | undefined {
    return this.#quotas.difference();
  }

  /** Tries again what was refused; in words, what still is. */
  difference(): string | undefined {
    this.#rounds++;
    const leader = this.#world.running().find(({ parts }) => parts.election.isSelf);
    const refused = [...this.#refused].map(([account, why]) => `${account}: ${why}`);
    if (this.#rounds === 1 && this.#world.liar !== undefined)
      for (const each of this.#world.running()) each.turn(() => this.#writeOver(each));
    if (leader !== undefined) this.#tryAll(leader);
    if (leader !== undefined && refused.length > 0) return `nothing is refreshed: ${refused.join(', ')}`;
    return undefined;
  }

  /** Whatever record the liar may have written is written again by anybody, and that is the newest. */
  #writeOver({ nodeId, parts: { records } }: SimProcess): void {
    for (const table of ['accounts', 'settings', 'clears']) {
      for (let index = 0; index < 8; index++) {
        const id = `${index}`;
        const written = records.put(table, id, { by: nodeId, count: 0 });
        if (records.get(table, id)?.stamp !== written.stamp)
          this.#world.fail('records only get newer', `${nodeId} cannot write ${table}/${id}`);
      }
    }
  }

  #tryAll(leader: SimProcess): void {
    for (const account of this.#refused.keys()) {
      const request = { key: `token/${account}`, generation: `afterwards ${this.#rounds}`, budgetMs: 500 };
      leader.turn(() =>
        leader.parts.intents.begin(request, (result) => {
          if (result === 'no_majority' && this.#lacksKnowledge(leader)) this.#refused.delete(account);
          else if (typeof result === 'string') {
            if (this.#refused.has(account)) this.#refused.set(account, result);
          } else {
            this.#refused.delete(account);
            result.released();
          }
        }),
      );
    }
  }

  #lacksKnowledge(leader: SimProcess): boolean {
    return this.#mayLackKnowledge || this.#haveTooManyGone(leader.parts.election.config?.voters ?? []);
  }

  /** Voters are gone for good, and of those that are left too few for a majority of all are sure. */
  #haveTooManyGone(voters: readonly string[]): boolean {
    const left = this.#world.hosts.filter(({ nodeId, isGone }) => voters.includes(nodeId) && !isGone);
    const sure = left.filter(({ kept }) => kept.intents.get('')?.[0]?.generation === 'known');
    return left.length < voters.length && sure.length < majorityOf(voters.length);
  }
}
