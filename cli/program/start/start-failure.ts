import type { Settings } from '../../../node/config/settings.ts';

/** A chain of causes longer than this is a loop. */
const causeDepthMax = 8;

/** One line with advice for what most often keeps a node from listening; undefined for anything else. `ownPort` is a worker's. */
export function startFailure(error: unknown, settings: Settings, ownPort?: number): string | undefined {
  const { host } = settings;
  const cause = systemError(error);
  // A node listens on up to three ports; the error names the one that failed.
  const port = typeof cause?.port === 'number' ? cause.port : settings.port;
  const flag = port === ownPort ? '--workers-port' : flagOf(port, settings);
  switch (cause?.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken by another program; stop it, or choose another with ${flag}`;
    case 'EACCES':
      return `port ${port} on ${host} may not be opened by this user; choose one from 1024 up with ${flag}`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine; choose one with --host (127.0.0.1 for this machine only)`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is not a known host name; choose an address with --host`;
    default:
      return undefined;
  }
}

function flagOf(port: number, { port: mainPort, admin, metrics }: Settings): string {
  if (port !== mainPort && port === admin.port) return '--admin-port';
  return port !== mainPort && port === metrics.port ? '--metrics-port' : '--port';
}

/** The system's part of an error, or of what caused it. */
function systemError(error: unknown): { code: unknown; port: unknown } | undefined {
  let cause = error;
  for (let depth = 0; depth < causeDepthMax && cause instanceof Error; depth++) {
    if ('syscall' in cause && 'code' in cause) return { code: cause.code, port: Reflect.get(cause, 'port') };
    cause = cause.cause;
  }
  return undefined;
}
