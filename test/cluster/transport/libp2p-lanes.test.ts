import { afterEach, expect, test } from 'vitest';
import type { Transport } from '../../../cluster/transport/contract.ts';
import { TransportRecorder } from '../../suites/transport-recorder.ts';
import { Libp2pNetwork, until } from './libp2p-network.ts';

const network = new Libp2pNetwork();
afterEach(() => network.end());

interface End {
  readonly transport: Transport;
  readonly heard: TransportRecorder;
}

async function connected(): Promise<[End, End]> {
  const start = async (name: string): Promise<End> => {
    const end = { transport: network.create(name), heard: new TransportRecorder() };
    await end.transport.start(end.heard);
    return end;
  };
  const [one, other] = [await start('one'), await start('other')];
  one.transport.dial(other.transport.addresses()[0] ?? '', () => undefined);
  await until(() => one.heard.opens.length + other.heard.opens.length === 2);
  return [one, other];
}

test('a frame overtakes a large answer that was begun before it', async () => {
  const [one, other] = await connected();
  other.heard.onQuestion = (_, answer) => {
    answer(new Uint8Array(8_000_000));
    other.transport.send(one.transport.self, new Uint8Array(1));
  };
  one.transport.ask(other.transport.self, new Uint8Array(1), 20_000, (answer) => {
    one.heard.events.push(`answer ${answer?.length}`);
  });
  await until(() => one.heard.events.length === 3);
  expect(one.heard.events).toEqual(['opened', 'frame', 'answer 8000000']);
});

test('what was sent before a stop or a closing arrives', async () => {
  for (const end of ['stop', 'close'] as const) {
    const [one, other] = await connected();
    for (let index = 0; index < 100; index++) one.transport.send(other.transport.self, new Uint8Array(1000));
    if (end === 'stop') await one.transport.stop();
    else one.transport.close(other.transport.self, 'enough');
    await until(() => other.heard.closes.length === 1);
    expect([end, other.heard.frames.length]).toEqual([end, 100]);
    await other.transport.stop();
  }
});
