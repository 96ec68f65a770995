import type { StateEntry } from '../../../cluster/gossip/contract.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { between } from '../world/streams.ts';

/** What a node says of itself here: which process it is, and a count that only rises. */
interface Said {
  readonly serial: number;
  readonly count: number;
}

interface Heard {
  serial: number;
  readonly counts: Map<string, number>;
}

const accounts = ['a', 'b', 'c'];

/** Says its load now and then, an opened breaker sometimes; watches that what others say never falls. */
export class OwnState {
  readonly #process: SimProcess;
  readonly #heard = new Map<string, Heard>();
  #count = 0;
  /** The newest count that was said under each key. */
  readonly said = new Map<string, number>();

  constructor(process: SimProcess) {
    this.#process = process;
  }

  listen(): void {
    const { membership, gossip } = this.#process.parts;
    for (const kind of ['load/', 'breaker/']) gossip.watch(kind, (entry) => this.#hear(entry));
    // One that was forgotten and comes back may at first be known through those who know less of it.
    membership.observe({
      memberChanged: ({ nodeId }, before) => {
        if (before === undefined) this.#heard.delete(nodeId);
      },
    });
  }

  start(): void {
    const { clock, host } = this.#process;
    clock.every(between(host.random, 250, 700), () => this.#say());
  }

  #say(): void {
    const { world, host, parts, serial } = this.#process;
    if (world.isQuiet) return;
    const account = accounts[host.random.below(accounts.length)] ?? '';
    const chance = host.random.next();
    if (chance < 0.05) {
      parts.gossip.delete(`breaker/${account}`, true);
      return;
    }
    const isUrgent = chance < 0.15;
    const key = `${isUrgent ? 'breaker' : 'load'}/${account}`;
    this.#count++;
    this.said.set(key, this.#count);
    parts.gossip.set(key, { serial, count: this.#count }, isUrgent);
  }

  #hear({ node, key, value, isSelf }: StateEntry): void {
    if (isSelf || value === undefined) return;
    const { serial, count } = value as Said;
    const { world, nodeId } = this.#process;
    const heard = this.#heard.get(node) ?? { serial, counts: new Map<string, number>() };
    this.#heard.set(node, heard);
    if (serial < heard.serial) {
      world.fail('no old incarnation comes back', `${nodeId} heard ${node} of process ${serial} after ${heard.serial}`);
    }
    if (serial > heard.serial) {
      heard.serial = serial;
      heard.counts.clear();
    }
    const said = world.saidBy(serial)?.get(key) ?? 0;
    if (count > said) {
      world.fail('what is heard was said', `${nodeId} heard ${key} of ${node} at ${count}, which had come to ${said}`);
    }
    const before = heard.counts.get(key) ?? 0;
    if (count < before) {
      world.fail('what a node says never falls', `${nodeId} heard ${key} of ${node} fall from ${before} to ${count}`);
    }
    heard.counts.set(key, count);
  }
}
