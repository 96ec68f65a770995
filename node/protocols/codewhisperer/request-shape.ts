import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';

/** Entries that are told apart; of a longer history the last ones, where most breaches are. */
const entriesMax = 50;

/** What a request looks like and nothing of what it says: for the log, since the service does not name what it refuses. */
export interface RequestShape {
  readonly size_bytes: number;
  readonly entries: number;
  /** The last entries, the current one included: `user 120` is text of 120 characters, `+2r`, `+2c`, `+1i` results, calls, images. */
  readonly last_entries: string;
  readonly tools: number;
  readonly tools_size_bytes: number;
  readonly model: string;
  readonly has_profile: boolean;
}

/** The shape of a body that `encodeRequest` made. */
export function requestShape(body: string): RequestShape {
  const root = JSON.parse(body) as JsonObject;
  const state = objectIn(root, 'conversationState');
  const current = objectIn(state, 'currentMessage');
  const entries = [...listIn(state, 'history'), current];
  const user = objectIn(current, 'userInputMessage');
  const tools = listIn(objectIn(user, 'userInputMessageContext'), 'tools');
  return {
    size_bytes: Buffer.byteLength(body),
    entries: entries.length,
    last_entries: entries.slice(-entriesMax).map(entryShape).join(', '),
    tools: tools.length,
    tools_size_bytes: Buffer.byteLength(JSON.stringify(tools)),
    model: String(user['modelId']),
    has_profile: root['profileArn'] !== undefined,
  };
}

function entryShape(entry: Json): string {
  const message = isJsonObject(entry) ? entry : {};
  const [user, assistant] = [message['userInputMessage'], objectIn(message, 'assistantResponseMessage')];
  if (!isJsonObject(user)) return `assistant ${lengthOf(assistant)}${countOf(assistant, 'toolUses', 'c')}`;
  const results = countOf(objectIn(user, 'userInputMessageContext'), 'toolResults', 'r');
  return `user ${lengthOf(user)}${results}${countOf(user, 'images', 'i')}`;
}

function lengthOf({ content }: JsonObject): number {
  return typeof content === 'string' ? content.length : 0;
}

function countOf(object: JsonObject, name: string, mark: string): string {
  const { length } = listIn(object, name);
  return length === 0 ? '' : `+${length}${mark}`;
}

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

function listIn(object: JsonObject, name: string): Json[] {
  const value = object[name];
  return Array.isArray(value) ? value : [];
}
