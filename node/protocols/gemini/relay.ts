import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../kit/json.ts';
import { mergeUsage } from '../../conversation/fold.ts';
import type { RelayOptions } from '../contract.ts';
import type { RelayEvent, RelayNotes, RelayReader } from '../sse-relay.ts';
import { decodeUsage } from './answer-object.ts';
import { faultOfError } from './read-fault.ts';
import { modelMember } from './scan.ts';

/**
 * Reads the chunks of a Gemini stream as they go by. There is no terminal event: a chunk with a finish reason may be
 * followed by more (some models repeat the reason on every chunk), so a stream is complete when it has ended after one.
 */
export class GeminiRelayReader implements RelayReader {
  readonly needles = ['"finishReason"', '"usageMetadata"', '"error"', '"blockReason"'].map((needle) =>
    Buffer.from(needle),
  );
  readonly edit?: RelayReader['edit'];
  #hasFinished = false;

  constructor(options: RelayOptions) {
    const { renameModel } = options;
    if (renameModel === undefined) return;
    this.edit = (bytes) => modelMember.renameInEvents(bytes, renameModel.from, renameModel.to);
  }

  read(_event: string | undefined, data: string, notes: RelayNotes): RelayEvent {
    const chunk = chunkOf(data);
    if (chunk === undefined) return 'before';
    if (chunk.error !== undefined) {
      notes.fault = faultOfError(chunk);
      return 'error';
    }
    notes.usage = mergeUsage(notes.usage, decodeUsage(chunk.usageMetadata));
    const hasReason = hasFinishReason(chunk);
    this.#hasFinished ||= hasReason;
    return hasReason || hasParts(chunk) ? 'content' : 'before';
  }

  isComplete(): boolean {
    return this.#hasFinished;
  }
}

/** Undefined for what is no chunk of this dialect (`[DONE]` of a gateway), which goes by unread. */
function chunkOf(data: string): JsonObject | undefined {
  const value = parseJson(data);
  // Errors come in an array on some hosts.
  const chunk = Array.isArray(value) ? value[0] : value;
  return isJsonObject(chunk) ? chunk : undefined;
}

function candidatesOf(chunk: JsonObject): Json[] {
  return Array.isArray(chunk.candidates) ? chunk.candidates : [];
}

/** A blocked prompt has no candidate and is an answer all the same. */
function hasFinishReason(chunk: JsonObject): boolean {
  const isBlocked = isJsonObject(chunk.promptFeedback) && typeof chunk.promptFeedback.blockReason === 'string';
  return (
    isBlocked ||
    candidatesOf(chunk).some((candidate) => isJsonObject(candidate) && typeof candidate.finishReason === 'string')
  );
}

function hasParts(chunk: JsonObject): boolean {
  return candidatesOf(chunk).some((candidate) => {
    const content = isJsonObject(candidate) ? candidate.content : undefined;
    return isJsonObject(content) && Array.isArray(content.parts) && content.parts.length > 0;
  });
}
