/**
 * Preloaded into a process (`node --import`): what it connects to on the ports in `AIPROXY_TEST_REROUTE` (JSON, from
 * port to port) goes to other ports instead, as a packet filter would redirect it, without the rights that one needs.
 */
import { Socket } from 'node:net';

const routes = new Map(
  Object.entries(JSON.parse(process.env['AIPROXY_TEST_REROUTE'] ?? '{}') as Record<string, number>),
);
const connect = Reflect.get(Socket.prototype, 'connect') as (...args: unknown[]) => unknown;

Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const [first] = args;
  // `net.connect` hands its arguments on as an array that it has marked; the mark must stay.
  if (Array.isArray(first)) first[0] = rerouted(first[0]);
  else args[0] = rerouted(first);
  return Reflect.apply(connect, this, args);
} as typeof Socket.prototype.connect;

function rerouted(options: unknown): unknown {
  if (typeof options !== 'object' || options === null || !('port' in options)) return options;
  const port = routes.get(String(options.port));
  return port === undefined ? options : { ...options, port };
}
