import { isFault, type Fault } from '../../kit/fault.ts';
import { forwardFaults } from '../forward/faults.ts';
import { protocolFaults } from '../protocols/faults.ts';
import { managementBodySizeBytesMax } from './server-settings.ts';

/** Whatever was thrown, as a Fault: our own as they are, fastify's refusals by their status, all else as a bug. */
export function faultFrom(error: unknown): Fault {
  if (isFault(error)) return error;
  const status = statusOf(error);
  if (status === 413)
    return forwardFaults.body_too_large(`the body may have at most ${managementBodySizeBytesMax} bytes`);
  if (status >= 400 && status < 500) {
    return protocolFaults.invalid_request('the request is not well-formed', { status, cause: error });
  }
  return forwardFaults.internal('an internal error; the log of this node has it under the x-request-id', {
    cause: error,
  });
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 500;
  const status: unknown = Reflect.get(error, 'statusCode');
  return typeof status === 'number' ? status : 500;
}
