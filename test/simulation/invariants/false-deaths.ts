import type { Member } from '../../../cluster/membership/contract.ts';
import type { SimProcess } from '../world/sim-process.ts';
import type { World } from '../world/world.ts';

/** After a misfortune others may still come to its conclusion for so long. */
const graceMs = 10_000;

/** Nobody is declared dead who ran, moved and could be reached. */
export class FalseDeaths {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  watch(process: SimProcess): void {
    process.parts.membership.observe({
      memberChanged: (member, before) => {
        process.note(
          () => `${member.nodeId} is ${member.state} (was ${before ?? 'unknown'}), incarnation ${member.incarnation}`,
        );
        if (member.state === 'dead') this.#check(process, member);
      },
    });
  }

  #check(observer: SimProcess, member: Member): void {
    this.#world.counts.deaths++;
    const host = this.#world.hostOf(member.nodeId);
    const process = host?.process;
    if (host === undefined || process === undefined || process.isEnded || this.#world.plan.weather.lossRate > 0) return;
    const heardMs = this.#asOf(observer);
    if (host.troubles > 0 || heardMs - host.lastTroubleMs < graceMs || heardMs - process.startedMs < graceMs) return;
    this.#world.fail(
      'nobody who answers is declared dead',
      `${observer.nodeId} declared ${member.nodeId} dead, which was well for ${Math.round(heardMs - host.lastTroubleMs)} ms`,
    );
  }

  /** What one hears that stood still or was cut off may be as old as its trouble. */
  #asOf({ host }: SimProcess): number {
    const { nowMs } = this.#world.queue;
    return host.troubles > 0 || nowMs - host.lastTroubleMs < graceMs ? host.troubledSinceMs : nowMs;
  }
}
