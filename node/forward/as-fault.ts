import { type Fault, isFault } from '../../kit/fault.ts';
import { forwardFaults } from './faults.ts';

/** What was thrown, as a Fault; anything that is none is a defect of ours. */
export function asFault(error: unknown): Fault {
  if (isFault(error)) return error;
  return forwardFaults.internal('internal error', { cause: error });
}
