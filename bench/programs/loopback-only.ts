/**
 * Preloaded (`--import`) into a target that can only listen on all interfaces: binds it to loopback instead, so that
 * a bench never opens a port to the network.
 */
import { Server } from 'node:net';

const listen = Server.prototype.listen;

function listenOnLoopback(this: Server, port: unknown, ...rest: unknown[]): Server {
  const callback = rest.findLast((argument) => typeof argument === 'function') as (() => void) | undefined;
  const number = typeof port === 'object' && port !== null && 'port' in port ? Number(port.port) : Number(port);
  return listen.call(this, { port: number, host: '127.0.0.1' }, callback);
}

Server.prototype.listen = listenOnLoopback as typeof listen;
