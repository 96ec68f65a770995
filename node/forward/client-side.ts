import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import type { KeptAnswer } from '../cache/contract.ts';
import type { LimitGate } from '../limits/contract.ts';
import type { Call } from './call.ts';

/** What is the same for every answer of a node. */
export interface AnswerFrame {
  readonly nodeId: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly limits: Pick<LimitGate, 'readings'>;
  corsHeaders(origin: string | undefined): readonly string[];
}

const streamHeaders = ['cache-control', 'no-cache', 'x-accel-buffering', 'no'];

/** Begins a streamed answer: from here on a failure can only be told inside the stream. */
export function commitStream(call: Call, frame: AnswerFrame, contentType: string): void {
  if (call.committed || call.clientGone) return;
  call.committed = true;
  call.status = 200;
  const headers = answerHeaders(call, frame);
  headers.push('content-type', contentType, ...streamHeaders);
  call.response.writeHead(200, headers);
}

/** Begins an answer whose body follows in pieces, with headers that are ready. */
export function commitRaw(call: Call, frame: AnswerFrame, status: number, upstreamHeaders: readonly string[]): void {
  if (call.committed || call.clientGone) return;
  call.committed = true;
  call.status = status;
  const headers = answerHeaders(call, frame);
  for (const part of upstreamHeaders) headers.push(part);
  call.response.writeHead(status, headers);
}

/** Sends a complete answer in one piece. */
export function sendWhole(call: Call, frame: AnswerFrame, body: Buffer | string): void {
  if (call.committed || call.clientGone) return;
  call.committed = true;
  call.status = 200;
  const headers = answerHeaders(call, frame);
  headers.push('content-type', 'application/json', 'content-length', String(Buffer.byteLength(body)));
  call.response.writeHead(200, headers);
  endWhole(call, body);
  call.ended = true;
}

/** Sends an answer from the cache. */
export function sendKept(call: Call, frame: AnswerFrame, { body, dropped }: KeptAnswer, ageMs: number): void {
  if (call.committed || call.clientGone) return;
  call.committed = true;
  call.status = 200;
  const headers = answerHeaders(call, frame);
  if (dropped !== '') headers.push('x-aiproxy-dropped', dropped);
  headers.push('age', String(Math.floor(ageMs / 1000)));
  headers.push('content-type', 'application/json', 'content-length', String(body.length));
  call.response.writeHead(200, headers);
  endWhole(call, body);
  call.ended = true;
}

/** Sends an error in the client's own dialect, before anything else was sent. */
export function sendFault(call: Call, frame: AnswerFrame, fault: Fault): void {
  if (call.committed || call.clientGone) return;
  call.committed = true;
  const answer = call.protocol.encodeFault(fault, call.id);
  call.status = answer.status;
  const headers = answerHeaders(call, frame);
  for (const part of answer.headers) headers.push(part);
  headers.push('content-length', String(Buffer.byteLength(answer.body)));
  call.response.writeHead(answer.status, headers);
  call.response.end(answer.body);
  call.promptCopy?.push(answer.body);
  call.ended = true;
}

/** Above this the copy into a string costs more than the second buffer of a vectored write. */
const joinedBytesMax = 64 * 1024;

/**
 * node:http joins head and body into one write when the body is text, and makes a vectored write of two when it is a
 * buffer, which costs several microseconds more. Latin-1 maps bytes to text and back one to one.
 */
function endWhole(call: Call, body: Buffer | string): void {
  call.promptCopy?.push(body);
  if (typeof body === 'string' || body.length > joinedBytesMax) call.response.end(body);
  else call.response.end(body.toString('latin1'), 'latin1');
}

/** Ends a stream; `closing` is its last text. */
export function endStream(call: Call, closing: string): void {
  if (call.ended) return;
  call.ended = true;
  call.promptCopy?.push(closing);
  if (closing === '') call.response.end();
  else call.response.end(closing);
}

function answerHeaders(call: Call, frame: AnswerFrame): string[] {
  const headers = ['x-request-id', call.id];
  for (const part of frame.corsHeaders(call.request.headers.origin)) headers.push(part);
  if (call.dropped.length > 0) headers.push('x-aiproxy-dropped', droppedText(call.dropped));
  if (call.isEstimate) headers.push('x-aiproxy-usage', 'estimated');
  const limits = call.caller?.policy?.limits;
  if (limits !== undefined) {
    const readings = call.permit === undefined ? frame.limits.readings(limits) : call.permit.readings();
    call.protocol.limitHeaders(readings, frame.clock.nowMs(), headers);
  }
  if (call.caller?.canSeeAccounts === true) {
    headers.push('x-aiproxy-node', frame.nodeId, 'x-aiproxy-attempts', String(call.attempts));
    headers.push('x-aiproxy-cache', call.cacheOutcome);
    if (call.admission !== undefined) headers.push('x-aiproxy-cache-key', call.admission.key);
    if (call.account !== undefined) headers.push('x-aiproxy-account', headerText(call.account.id));
  }
  return headers;
}

/** Header values are Latin-1 without control characters; ids that people chose may hold anything. */
function headerText(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
}

// Names come from the client's body: shown are the first ones, and of each only what a header may hold.
const droppedNamesMax = 32;
const droppedNameLengthMax = 64;

/** The value of `x-aiproxy-dropped`; '' for none. */
export function droppedText(names: readonly string[]): string {
  return names
    .slice(0, droppedNamesMax)
    .map((name) => headerText(name).slice(0, droppedNameLengthMax))
    .join(', ');
}
