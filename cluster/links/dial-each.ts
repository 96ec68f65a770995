import { isFault, type Fault } from '../../kit/fault.ts';
import type { PeerId, Transport } from '../transport/contract.ts';

/** Peers behind one seed that are dialled; a DNS name of more has them all in the first one's table. */
const peersMax = 16;

export interface DialOutcome {
  /** Those who answered. */
  readonly peers: readonly PeerId[];
  readonly faults: readonly Fault[];
  /** True when every address leads back to this node. */
  readonly isSelf: boolean;
}

/**
 * Dials the addresses of several peers: all peers at once, the addresses of each one after the other, until one of them
 * answers. Addresses that name no peer are each taken for one of their own. `done` is called once.
 */
export function dialEach(
  transport: Transport,
  addresses: readonly string[],
  done: (outcome: DialOutcome) => void,
): void {
  const groups = [...Map.groupBy(addresses, peerIn)];
  const others = groups.filter(([peer]) => peer !== transport.self).slice(0, peersMax);
  const peers = new Set<PeerId>();
  const faults: Fault[] = [];
  let selfCount = 0;
  let waiting = others.length;
  const finish = () => {
    if (waiting > 0) return;
    const isSelf = groups.length > 0 && selfCount === others.length;
    done({ peers: [...peers], faults, isSelf });
  };
  if (others.length === 0) finish();
  for (const [, group] of others) {
    dialOne(transport, group, (result) => {
      waiting--;
      if (!isFault(result)) peers.add(result);
      else if (result.code === 'dialled_self') selfCount++;
      else faults.push(result);
      finish();
    });
  }
}

/** `done` hears who answered, or why the last one did not. */
function dialOne(transport: Transport, addresses: readonly string[], done: (result: PeerId | Fault) => void): void {
  const [address = '', ...rest] = addresses;
  transport.dial(address, (result) => {
    if (isFault(result) && rest.length > 0) dialOne(transport, rest, done);
    else done(result);
  });
}

/** The peer that a multiaddr names, or the address itself. */
function peerIn(address: string): string {
  return /\/p2p\/([^/]+)$/.exec(address)?.[1] ?? address;
}
