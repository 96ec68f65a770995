import { argumentsObject } from '../../../conversation/arguments.ts';
import type { Message, Part, TextPart, ToolCallPart, ToolResultPart } from '../../../conversation/contract.ts';
import { pairToolResults } from '../../../conversation/pair-tool-results.ts';
import type { JsonObject } from './contract.ts';
import { documentText, uncarried } from './media.ts';
import { resultTextOf } from './result-text.ts';
import { joinTexts } from './system-text.ts';
import { cohereToolName } from './tool-names.ts';

/** The service refuses an empty message. */
const noMessage = ' ';
/** The format has no beginning of an answer that goes on; the model is asked to. */
const goOn = 'Continue.';

/**
 * `message`, `chatHistory` and `toolResults`. The last turn of the user is the message; results that nothing follows
 * are `toolResults`, and the message is empty then.
 */
export function encodeHistory(messages: readonly Message[], dropped: Set<string>): JsonObject {
  const turns = encodeTurns(messages, dropped);
  const last = turns.findLastIndex(({ role }) => role !== 'SYSTEM');
  const current = turns[last];
  if (current?.['role'] === 'USER') return { message: current['message'], ...history(turns.toSpliced(last, 1)) };
  if (current?.['role'] === 'TOOL') {
    return { message: '', ...history(turns.toSpliced(last, 1)), toolResults: current['toolResults'] };
  }
  return { message: current === undefined ? noMessage : goOn, ...history(turns) };
}

function history(turns: JsonObject[]): JsonObject {
  return turns.length === 0 ? {} : { chatHistory: turns };
}

function encodeTurns(messages: readonly Message[], dropped: Set<string>): JsonObject[] {
  const turns: JsonObject[] = [];
  let calls: readonly ToolCallPart[] = [];
  for (const { role, parts } of pairToolResults(messages)) {
    if (role === 'user') turns.push(...results(parts, calls), ...said('USER', parts));
    else if (role === 'system') turns.push(...said('SYSTEM', parts));
    else {
      calls = parts.filter((part): part is ToolCallPart => part.type === 'tool_call');
      turns.push(...chatbot(parts, calls));
      if (parts.some(({ type }) => type === 'thinking' || type === 'redacted_thinking'))
        dropped.add('messages.thinking');
    }
  }
  return turns;
}

function said(role: 'USER' | 'SYSTEM' | 'CHATBOT', parts: readonly Part[]): JsonObject[] {
  const message = textOf(parts);
  return message === '' ? [] : [{ role, message }];
}

function textOf(parts: readonly Part[]): string {
  return joinTexts(parts.map(asText), '\n\n');
}

function asText<T extends Part>(part: T): T | TextPart {
  if (part.type === 'image') throw uncarried('images cannot be carried in the format COHERE; COHEREV2 takes them');
  if (part.type === 'audio') throw uncarried('audio cannot be carried to this model');
  return part.type === 'document' ? { type: 'text', text: documentText(part) } : part;
}

function chatbot(parts: readonly Part[], calls: readonly ToolCallPart[]): JsonObject[] {
  if (calls.length === 0) return said('CHATBOT', parts);
  return [{ role: 'CHATBOT', message: textOf(parts), toolCalls: calls.map(encodeCall) }];
}

function encodeCall(call: ToolCallPart): JsonObject {
  return { name: cohereToolName(call.name), parameters: argumentsObject(call.argumentsJson) };
}

/** Results stand in the order of the calls; each repeats its call, since there are no ids. */
function results(parts: readonly Part[], calls: readonly ToolCallPart[]): JsonObject[] {
  const found = parts.filter((part): part is ToolResultPart => part.type === 'tool_result');
  if (found.length === 0) return [];
  const toolResults = found.flatMap((result, index) => {
    const call = calls[index];
    const text = resultTextOf({ ...result, content: result.content.map(asText) });
    return call === undefined ? [] : [{ call: encodeCall(call), outputs: [{ output: text }] }];
  });
  return [{ role: 'TOOL', toolResults }];
}
