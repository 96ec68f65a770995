import { afterEach, expect, test } from 'vitest';
import type { Transport } from '../../../cluster/transport/contract.ts';
import { TransportRecorder } from '../../suites/transport-recorder.ts';
import { Libp2pNetwork, until } from './libp2p-network.ts';

const network = new Libp2pNetwork();
afterEach(() => network.end());

test('a frame overtakes a large answer that was begun before it', async () => {
  const [one, other]: Transport[] = [network.create('one'), network.create('other')];
  const [heard, otherHeard] = [new TransportRecorder(), new TransportRecorder()];
  if (one === undefined || other === undefined) throw new Error('there are two');
  await one.start(heard);
  await other.start(otherHeard);
  one.dial(other.addresses()[0] ?? '', () => undefined);
  await until(() => heard.opens.length + otherHeard.opens.length === 2);
  otherHeard.onQuestion = (_, answer) => {
    answer(new Uint8Array(8_000_000));
    other.send(one.self, new Uint8Array(1));
  };
  one.ask(other.self, new Uint8Array(1), 20_000, (answer) => heard.events.push(`answer ${answer?.length}`));
  await until(() => heard.events.length === 3);
  expect(heard.events).toEqual(['opened', 'frame', 'answer 8000000']);
});
