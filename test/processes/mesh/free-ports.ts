import { createServer } from 'node:net';

/**
 * Below the ports that systems give to whoever asks for any (from 32768 on Linux): a node that is started again finds
 * its own one free, whatever else has begun meanwhile. The mesh ports (+10000) lie above all of these.
 */
const portMin = 10_000;
const portCount = 10_000;

/**
 * Ports of 127.0.0.1 that were free a moment ago, each with its mesh port (+10000) free as well. Held together before
 * any is given back, so that no two are the same.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  const held: { close(): Promise<void> }[] = [];
  // A bound on bad luck: most draws succeed at once.
  for (let draw = 0; ports.length < count && draw < 50 * count; draw++) {
    const port = portMin + Math.floor(Math.random() * portCount);
    const http = await hold(port);
    if (http === undefined) continue;
    const mesh = await hold(port + 10_000);
    held.push(http, ...(mesh === undefined ? [] : [mesh]));
    if (mesh !== undefined) ports.push(port);
  }
  await Promise.all(held.map((each) => each.close()));
  if (ports.length < count) throw new Error(`no ${count} free ports with free mesh ports`);
  return ports;
}

function hold(port: number): Promise<{ close(): Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port }, () =>
      resolve({ close: () => new Promise((done) => server.close(() => done())) }),
    );
  });
}
