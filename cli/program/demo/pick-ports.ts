import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePorts } from '../supervise/free-ports.ts';

export interface PickedPorts {
  /** Where clients come; the one that was asked for where it can be had. */
  front: number;
  nodes: number[];
  mesh: number[];
}

/** Ports of the loopback that can be opened now. Without `hasFront` the first node is where clients come. */
export async function pickPorts(wanted: number, count: number, hasFront: boolean): Promise<PickedPorts> {
  const [spare = 0, ...free] = await freePorts(2 * count + 1);
  const front = wanted !== 0 && (await isFree(wanted)) ? wanted : spare;
  const nodes = free.slice(0, count);
  if (!hasFront) nodes[0] = front;
  return { front, nodes, mesh: free.slice(count) };
}

/** Neither taken by another program nor closed to this user. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    // Whatever forbids it, another port is taken in its place.
    return false;
  }
  await new Promise((done) => server.close(done));
  return true;
}
