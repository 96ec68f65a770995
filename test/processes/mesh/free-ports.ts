import { createServer } from 'node:net';

/**
 * Ports of 127.0.0.1 that were free a moment ago, each with its mesh port (+10000) free as well. Held together before
 * any is given back, so that no two are the same.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  const held: { close(): Promise<void> }[] = [];
  // A bound on bad luck: most draws succeed at once.
  for (let draw = 0; ports.length < count && draw < 50 * count; draw++) {
    const http = await hold(0);
    if (http === undefined) continue;
    const mesh = http.port + 10_000 > 65_535 ? undefined : await hold(http.port + 10_000);
    held.push(http, ...(mesh === undefined ? [] : [mesh]));
    if (mesh !== undefined) ports.push(http.port);
  }
  await Promise.all(held.map((each) => each.close()));
  if (ports.length < count) throw new Error(`no ${count} free ports with free mesh ports`);
  return ports;
}

function hold(port: number): Promise<{ port: number; close(): Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port }, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        close: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}
