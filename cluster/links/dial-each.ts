import { isFault, type Fault } from '../../kit/fault.ts';
import type { PeerId, Transport } from '../transport/contract.ts';

/** Peers behind one seed that are dialled; a DNS name of more has them all in the first one's table. */
const peersMax = 16;

/**
 * Dials the addresses of several peers: all peers at once, the addresses of each one after the other, until one of them
 * answers. Addresses that name no peer are each taken for one of their own. `done` is called once.
 */
export function dialEach(
  transport: Transport,
  addresses: readonly string[],
  done: (peers: readonly PeerId[], faults: readonly Fault[]) => void,
): void {
  const groups = [...Map.groupBy(addresses, peerIn).values()].slice(0, peersMax);
  const peers = new Set<PeerId>();
  const faults: Fault[] = [];
  let waiting = groups.length;
  const finish = () => {
    waiting--;
    if (waiting <= 0) done([...peers], faults);
  };
  if (groups.length === 0) finish();
  for (const group of groups) dialOne(transport, group, peers, faults, finish);
}

function dialOne(
  transport: Transport,
  addresses: readonly string[],
  peers: Set<PeerId>,
  faults: Fault[],
  done: () => void,
): void {
  const [address, ...rest] = addresses;
  if (address === undefined) {
    done();
    return;
  }
  transport.dial(address, (result) => {
    if (!isFault(result)) peers.add(result);
    else faults.push(result);
    dialOne(transport, isFault(result) && result.code !== 'dialled_self' ? rest : [], peers, faults, done);
  });
}

/** The peer that a multiaddr names, or the address itself. */
export function peerIn(address: string): string {
  return /\/p2p\/([^/]+)$/.exec(address)?.[1] ?? address;
}
