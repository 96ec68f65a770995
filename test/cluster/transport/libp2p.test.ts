import { transportSuite } from '../../suites/transport.ts';
import { Libp2pNetwork } from './libp2p-network.ts';

transportSuite('libp2p', () => new Libp2pNetwork());
