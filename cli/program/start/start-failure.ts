import type { Settings } from '../../../node/config/settings.ts';

/** A chain of causes longer than this is a loop. */
const causeDepthMax = 8;

/** One line with advice for what most often keeps a node from listening; undefined for anything else. */
export function startFailure(error: unknown, settings: Settings): string | undefined {
  const { host, port } = settings;
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken by another program; stop it, or choose another with --port`;
    case 'EACCES':
      return `port ${port} on ${host} may not be opened by this user; choose one from 1024 up with --port`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine; choose one with --host (127.0.0.1 for this machine only)`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is not a known host name; choose an address with --host`;
    default:
      return undefined;
  }
}

/** The system's code of an error, or of what caused it. */
function systemCode(error: unknown): string | undefined {
  let cause = error;
  for (let depth = 0; depth < causeDepthMax && cause instanceof Error; depth++) {
    if ('syscall' in cause && 'code' in cause) return String(cause.code);
    cause = cause.cause;
  }
  return undefined;
}
