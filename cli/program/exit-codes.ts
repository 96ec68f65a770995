import { isFault } from '../../kit/fault.ts';

/** What the exit code of every verb means. */
export const exitCodes = {
  ok: 0,
  /** It was tried and failed. */
  failure: 1,
  /** The command line or the configuration is wrong; nothing was tried. */
  usage: 2,
  /** A second SIGINT (128 + 2) or SIGTERM (128 + 15) ended it before it was done. */
  interrupted: 130,
  terminated: 143,
} as const;

/** The only place where a Fault becomes an exit code. */
export function exitCodeOf(error: unknown): number {
  return isFault(error) && error.source === 'config' ? exitCodes.usage : exitCodes.failure;
}
