import type { Fault } from '../../../kit/fault.ts';
import type { JsonObject } from '../../../kit/json.ts';
import type { FaultAnswer, Framing } from '../contract.ts';
import { faultDetail, faultHeaders } from '../fault-headers.ts';

/** The whole error answer of a call that has not begun to answer. */
export function encodeFault(fault: Fault): FaultAnswer {
  const body = { error: encodeError(fault), ...faultDetail(fault) };
  return { status: fault.status, headers: faultHeaders(fault), body: JSON.stringify(body) };
}

/** An error object in place of a chunk: the official SDK throws it. Neither finish chunk nor `[DONE]` follows. */
export function encodeStreamFault(fault: Fault, _requestId: string, _framing: Framing): string {
  return `data: ${JSON.stringify({ error: encodeError(fault) })}\n\n`;
}

function encodeError(fault: Fault): JsonObject {
  return {
    message: fault.message,
    type: fault.code === 'budget_spent' ? 'insufficient_quota' : errorType(fault.status),
    param: fault.field ?? null,
    code: errorCode(fault),
  };
}

function errorType(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 402:
      return 'insufficient_quota';
    case 403:
      return 'permission_error';
    case 429:
      return 'rate_limit_error';
    default:
      return status >= 500 ? 'server_error' : 'invalid_request_error';
  }
}

/** OpenAI's own words where clients act on them (compaction, choice of another model), ours otherwise. */
const codeOfFault: ReadonlyMap<string, string> = new Map([
  ['context_too_long', 'context_length_exceeded'],
  ['unsupported_field', 'unsupported_parameter'],
  ['unknown_model', 'model_not_found'],
  ['upstream_model_not_found', 'model_not_found'],
  ['budget_spent', 'insufficient_quota'],
]);

const codeOfStatus: ReadonlyMap<number, string> = new Map([
  [401, 'invalid_api_key'],
  [402, 'insufficient_quota'],
  [429, 'rate_limit_exceeded'],
]);

function errorCode(fault: Fault): string {
  return codeOfFault.get(fault.code) ?? codeOfStatus.get(fault.status) ?? fault.code;
}
