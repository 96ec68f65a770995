import type { Fault } from '../../../kit/fault.ts';
import type { Json, JsonObject } from '../../../kit/json.ts';
import type { FaultAnswer, Framing } from '../contract.ts';
import { faultDetail, faultHeaders } from '../fault-headers.ts';

/** `google.rpc.Code` by HTTP status (https://cloud.google.com/apis/design/errors#handling_errors). */
const statusNames: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [402, 'RESOURCE_EXHAUSTED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [501, 'UNIMPLEMENTED'],
  [503, 'UNAVAILABLE'],
  [529, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

function statusNameOf(status: number): string {
  return statusNames.get(status) ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT');
}

export function encodeFault(fault: Fault): FaultAnswer {
  return {
    status: fault.status,
    headers: faultHeaders(fault),
    body: errorBody(fault),
  };
}

/** `{"error":{code,message,status,details}}`; the same before and inside a stream. */
export function errorBody(fault: Fault): string {
  const error: JsonObject = { code: fault.status, message: fault.message, status: statusNameOf(fault.status) };
  const details = detailsOf(fault);
  if (details.length > 0) error.details = details;
  return JSON.stringify({ error, ...faultDetail(fault) });
}

function detailsOf(fault: Fault): Json[] {
  const details: Json[] = [];
  if (fault.retryAfterMs !== undefined) {
    const retryDelay = `${Math.max(1, Math.ceil(fault.retryAfterMs / 1000))}s`;
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
  }
  if (fault.field !== undefined) {
    const fieldViolations = [{ field: fault.field, description: fault.message }];
    details.push({ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations });
  }
  return details;
}

/** Inside a stream that has begun: an array has at least one element then. */
export function encodeStreamFault(fault: Fault, _requestId: string, framing: Framing): string {
  const body = errorBody(fault);
  return framing === 'sse' ? `data: ${body}\n\n` : `\n,\n${body}\n]`;
}
