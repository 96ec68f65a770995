import { isFault } from '../../kit/fault.ts';

/** What the exit code of every verb means. */
export const exitCodes = {
  ok: 0,
  /** It was tried and failed. */
  failure: 1,
  /** The command line or the configuration is wrong; nothing was tried. */
  usage: 2,
  /** The node that was to be asked does not answer. */
  unreachable: 3,
  /** The node refuses the key. */
  refused: 4,
  /** A second SIGINT (128 + 2) or SIGTERM (128 + 15) ended it before it was done. */
  interrupted: 130,
  terminated: 143,
} as const;

/** The only place where a Fault becomes an exit code. */
export function exitCodeOf(error: unknown): number {
  if (!isFault(error)) return exitCodes.failure;
  if (error.code === 'node_unreachable') return exitCodes.unreachable;
  if (error.code === 'key_refused') return exitCodes.refused;
  return error.source === 'config' ? exitCodes.usage : exitCodes.failure;
}
