import { expect, it } from 'vitest';
import { dialAddresses } from '../../../cluster/links/dial-addresses.ts';

const cardOf = (...addresses: string[]) => ({ node_id: 'n1', peer_id: 'peer', version: '1', addresses });

it.each([
  ['10.0.0.5', ['/ip4/127.0.0.1/tcp/7/p2p/peer'], ['/ip4/10.0.0.5/tcp/7/p2p/peer']],
  ['10.0.0.5', ['/ip4/10.0.0.5/tcp/7/p2p/peer'], ['/ip4/10.0.0.5/tcp/7/p2p/peer']],
  ['fd00::5', ['/dns4/n1.internal/tcp/7'], ['/dns4/n1.internal/tcp/7/p2p/peer', '/ip6/fd00::5/tcp/7/p2p/peer']],
  ['127.0.0.1', ['/ip4/127.0.0.1/tcp/7'], ['/ip4/127.0.0.1/tcp/7/p2p/peer']],
  ['10.0.0.5', [], []],
])('a card from %s that announces %j is dialled at %j', (host, announced, expected) => {
  expect(dialAddresses(cardOf(...announced), host)).toEqual(expected);
});
