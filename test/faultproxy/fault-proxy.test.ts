import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';

let echo: Server;
let proxy: FaultProxy;
let port: number;
let client: Socket;

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = new FaultProxy((echo.address() as AddressInfo).port);
  port = await proxy.start();
  client = connect(port, '127.0.0.1');
  await once(client, 'connect');
});
afterEach(async () => {
  client.destroy();
  await proxy.stop();
  echo.close();
});

/** Broken off or closed: a refused connection may end either way. */
function ended(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((done) => socket.once('close', () => done()));
}

async function answerTo(text: string): Promise<string> {
  client.write(text);
  const [bytes] = (await once(client, 'data')) as [Buffer];
  return bytes.toString();
}

describe('a fault proxy', () => {
  it('passes on while the weather is clear, delayed or not', async () => {
    expect(await answerTo('one')).toBe('one');
    proxy.delayMs = 5;
    expect(await answerTo('two')).toBe('two');
    expect(proxy.passed).toBe(12);
  });

  it.each(['hole', 'hole-forth', 'hole-back'] as const)(
    'passes on what was held in a %s once it is over',
    async (weather) => {
      expect(await answerTo('one')).toBe('one');
      proxy.weather = weather;
      const answer = once(client, 'data') as Promise<[Buffer]>;
      client.write('two');
      // Another connection, made later, is answered after the hole is over, and so is the first.
      const later = connect(port, '127.0.0.1');
      await once(later, 'connect');
      expect(proxy.passed).toBeLessThan(6 + 6);
      proxy.weather = 'clear';
      expect((await answer)[0].toString()).toBe('two');
      later.destroy();
    },
  );

  it('breaks connections and refuses new ones when cut', async () => {
    expect(await answerTo('one')).toBe('one');
    const broken = ended(client);
    proxy.weather = 'cut';
    await broken;
    await ended(connect(port, '127.0.0.1'));
    proxy.weather = 'clear';
    client = connect(port, '127.0.0.1');
    expect(await answerTo('again')).toBe('again');
  });
});
