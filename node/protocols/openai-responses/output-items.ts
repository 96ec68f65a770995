/** Items of a `Response`'s output, one builder per kind. */
import { type JsonObject, parseJsonObject } from '../../../kit/json.ts';
import { readToolKind, unwrapFreeform, type ToolKind } from './tool-kinds.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export function textPart(text: string): JsonObject {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

export function messageItem(id: string, status: ItemStatus, text: string | undefined): JsonObject {
  const content = text === undefined ? [] : [textPart(text)];
  return { id, type: 'message', status, role: 'assistant', content };
}

/** `text` undefined: a summary that has no part (yet). */
export function reasoningItem(id: string, text: string | undefined, encrypted: string | undefined): JsonObject {
  const summary = text === undefined || text === '' ? [] : [{ type: 'summary_text', text }];
  return { id, type: 'reasoning', summary, encrypted_content: encrypted ?? null };
}

export function imageItem(id: string, data: string): JsonObject {
  return { id, type: 'image_generation_call', status: 'completed', result: data };
}

const callPrefixes = { function: 'fc', custom: 'ctc', local_shell: 'lsh', tool_search: 'tsc' } as const;

export interface CallFacts {
  kind: ToolKind;
  /** The item's id. */
  id: string;
  callId: string;
}

/** What is known of a call when it starts; `stem` is what ids of this answer share. */
export function callFacts(
  call: { id: string; name: string },
  stem: string,
  index: number,
  kinds: ReadonlyMap<string, string> | undefined,
): CallFacts {
  const kind = readToolKind(call.name, kinds);
  return { kind, id: `${callPrefixes[kind.shape]}_${stem}_${index}`, callId: call.id };
}

/** The item of a call, in the shape in which the client declared the tool. */
export function callItem(facts: CallFacts, status: ItemStatus, argumentsJson: string): JsonObject {
  const { kind, id, callId } = facts;
  const name = kind.namespace === undefined ? { name: kind.name } : { name: kind.name, namespace: kind.namespace };
  switch (kind.shape) {
    case 'custom': {
      const input = argumentsJson === '' ? '' : unwrapFreeform(argumentsJson);
      return { id, type: 'custom_tool_call', status, call_id: callId, ...name, input };
    }
    case 'local_shell':
      return { id, type: 'local_shell_call', status, call_id: callId, action: shellAction(argumentsJson) };
    case 'tool_search':
      return {
        id,
        type: 'tool_search_call',
        status,
        call_id: callId,
        execution: 'client',
        arguments: parsed(argumentsJson),
      };
    default:
      return { id, type: 'function_call', status, call_id: callId, ...name, arguments: argumentsJson };
  }
}

/** `LocalShellCall.Action`; a command that is not a list of words is handed to a shell. */
function shellAction(argumentsJson: string): JsonObject {
  const { command, ...rest } = parsed(argumentsJson);
  const words = Array.isArray(command) ? command.map(String) : ['bash', '-lc', String(command ?? '')];
  return { env: {}, ...rest, type: 'exec', command: words };
}

/** Arguments as an object; `{}` while there are none and when a model wrote something else. */
function parsed(argumentsJson: string): JsonObject {
  // Unfinished or malformed: the client sees empty arguments and reports them to the model.
  return parseJsonObject(argumentsJson) ?? {};
}
