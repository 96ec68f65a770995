import type { Fault } from '../../../kit/fault.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from '../../../kit/json.ts';
import { saysContextTooLong } from '../context-overflow.ts';
import type { RelayOptions } from '../contract.ts';
import { protocolFaults } from '../faults.ts';
import { MemberPath } from '../member-path.ts';
import { durationMs } from '../retry-after.ts';
import type { RelayEvent, RelayNotes, RelayReader } from '../sse-relay.ts';
import { errorIn } from '../upstream-message.ts';
import { decodeUsage } from './usage.ts';

/** Items whose announcement is empty: content comes with their deltas. */
const emptyAtFirst: ReadonlySet<unknown> = new Set(['message', 'reasoning']);

const modelInResponse = new MemberPath('response', 'model');

/** Reads the events of a Responses stream as they go by. */
export class ResponsesRelayReader implements RelayReader {
  /** Types of the terminal events; in quotes they cannot be part of a text, where quotes are escaped. */
  readonly needles = [
    '"response.completed"',
    '"response.incomplete"',
    '"response.failed"',
    '"error"',
    'event: error',
  ].map((needle) => Buffer.from(needle));
  readonly edit?: RelayReader['edit'];

  constructor(options: RelayOptions) {
    const { renameModel } = options;
    if (renameModel === undefined) return;
    this.edit = (bytes) => modelInResponse.renameInEvents(bytes, renameModel.from, renameModel.to);
  }

  read(event: string | undefined, data: string, notes: RelayNotes): RelayEvent {
    // What is no event of this dialect (`[DONE]` of a gateway) goes by unread.
    const value = parseJsonObject(data);
    if (value === undefined) return 'before';
    const type = typeof value.type === 'string' ? value.type : (event ?? '');
    const response = isJsonObject(value.response) ? value.response : {};
    switch (type) {
      case 'response.completed':
      case 'response.incomplete':
        notes.usage = decodeUsage(response.usage);
        return 'terminal';
      case 'response.failed':
        notes.usage = decodeUsage(response.usage);
        notes.fault = readStreamError(isJsonObject(response.error) ? response.error : {});
        return 'error';
      case 'error':
        notes.fault = readStreamError(value);
        return 'error';
      case 'response.output_item.added':
        return isJsonObject(value.item) && !emptyAtFirst.has(value.item.type) ? 'content' : 'before';
      default:
        return type.endsWith('.delta') || type.endsWith('.done') ? 'content' : 'before';
    }
  }
}

const clientsFault: ReadonlySet<unknown> = new Set([
  'invalid_prompt',
  'invalid_request_error',
  'image_content_policy_violation',
]);

/** An error of the upstream inside its stream; the codes are those of `ResponseError` and of the API's error answers. */
export function readStreamError(error: JsonObject): Fault {
  const { message: shown, code, type } = errorIn(error);
  const message = shown ?? 'the upstream reported an error inside its stream';
  if (saysContextTooLong(shown, code)) return protocolFaults.context_too_long(message);
  if (code === 'rate_limit_exceeded' || type === 'rate_limit_error' || code === 'insufficient_quota') {
    const retryAfterMs = waitIn(message);
    return protocolFaults.upstream_rate_limited(message, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
  if (code === 'server_is_overloaded' || code === 'slow_down') return protocolFaults.upstream_overloaded(message);
  const isClients =
    clientsFault.has(code) || clientsFault.has(type) || /^(?:invalid_)?image_|^invalid_\w*image/.test(String(code));
  return isClients ? protocolFaults.upstream_rejected(message) : protocolFaults.upstream_error(message);
}

/** "Please try again in 1.5s": the only place where a stream says how long to wait. */
function waitIn(message: string): number | undefined {
  const match = /try again in\s*(\d+(?:\.\d+)?)\s*(ms|s|seconds?|m|minutes?)\b/i.exec(message);
  if (match === null) return undefined;
  const unit = match[2] === 'ms' ? 'ms' : (match[2] ?? 's').charAt(0);
  return durationMs(`${match[1]}${unit}`);
}
