import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock } from '../../kit/clock.ts';
import { isFault, type Fault } from '../../kit/fault.ts';
import type { PeerCard, SeedResolver } from './contract.ts';
import { dialAddresses } from './dial-addresses.ts';
import { linkFaults } from './faults.ts';
import { fetchCard } from './fetch-card.ts';

/** A DNS name of more addresses than this: the first ones know the others. */
const addressesMax = 16;
const seedForm = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/;

/** Finds all addresses of a name, as `dns.lookup` does with `all`. */
export type FindAddresses = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly string[]) => void,
) => void;

/** This process, as its own card tells of it. */
export type OwnCard = Pick<PeerCard, 'peer_id'> & Required<Pick<PeerCard, 'instance'>>;

/** Asks the HTTP side of a seed where its mesh side is. Multiaddrs need not be asked for. */
export class HttpSeedResolver implements SeedResolver {
  readonly #clock: Clock;
  readonly #own: OwnCard;
  readonly #find: FindAddresses;

  constructor(clock: Clock, own: OwnCard, find: FindAddresses = findByDns) {
    this.#clock = clock;
    this.#own = own;
    this.#find = find;
  }

  resolve(seed: string, done: (result: readonly string[] | Fault) => void): void {
    if (seed.startsWith('/')) {
      done([seed]);
      return;
    }
    const [, bracketed, plain, port] = seedForm.exec(seed) ?? [];
    const host = bracketed ?? plain;
    if (host === undefined || Number(port) > 65_535) {
      done(linkFaults.seed_unresolvable(`Seed node ${seed} is no HOST:PORT and no multiaddr.`));
    } else if (isIP(host) !== 0) this.#ask(seed, [host], Number(port), done);
    else this.#lookUp(seed, host, Number(port), done);
  }

  #lookUp(seed: string, host: string, port: number, done: (result: readonly string[] | Fault) => void): void {
    this.#find(host, (error, addresses) => {
      if (error === null && addresses.length > 0) {
        this.#ask(seed, addresses.slice(0, addressesMax), port, done);
        return;
      }
      const why = error?.code ?? 'no addresses';
      done(
        linkFaults.seed_unresolvable(`The name of seed node ${seed} cannot be resolved (${why}).`, { cause: error }),
      );
    });
  }

  /** All addresses at once: behind one name there may be many nodes, and dead ones among them. */
  #ask(seed: string, hosts: readonly string[], port: number, done: (result: readonly string[] | Fault) => void): void {
    const found = new Set<string>();
    const faults: Fault[] = [];
    let waiting = hosts.length;
    for (const host of hosts) {
      fetchCard(this.#clock, { seed, host, port }, (result) => {
        if (isFault(result)) faults.push(result);
        else if (this.#isCopy(result)) faults.push(copied(seed, result));
        else for (const address of dialAddresses(result, host)) found.add(address);
        waiting--;
        if (waiting > 0) return;
        const told = faults.find(({ code }) => code === 'node_id_taken');
        done(told ?? (found.size > 0 ? [...found] : worst(seed, faults)));
      });
    }
  }

  #isCopy({ peer_id, instance }: PeerCard): boolean {
    return peer_id === this.#own.peer_id && instance !== undefined && instance !== this.#own.instance;
  }
}

function copied(seed: string, { node_id }: PeerCard): Fault {
  return linkFaults.node_id_taken(
    `Seed node ${seed} is another process that runs with this node's key, as ${node_id}: a copied data folder? ` +
      'Stop one of the two, or give this one a data folder (--data-dir) of its own.',
  );
}

/** An answer that is wrong says more than none. */
function worst(seed: string, faults: readonly Fault[]): Fault {
  const told = faults.find(({ code }) => code === 'seed_not_ours') ?? faults[0];
  return told ?? linkFaults.seed_not_ours(`Seed node ${seed} announces no address of its mesh side.`);
}

const findByDns: FindAddresses = (host, done) => {
  lookup(host, { all: true }, (error, addresses) =>
    done(error, error === null ? addresses.map((each) => each.address) : []),
  );
};
