import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { applyBuiltinTools, requireStreaming, takeBuiltinTools } from './builtin-tools.ts';
import type { QwenCredential } from './credential.ts';
import { addDummyTool } from './dummy-tool.ts';

/** OpenAI's own fields, which Model Studio answers with a bare 400. */
const foreignFields = [
  'store', 'service_tier', 'parallel_tool_calls', 'prompt_cache_key', 'prompt_cache_retention', 'safety_identifier',
  'metadata', 'verbosity', 'prediction', 'web_search_options', 'logit_bias', 'user',
] as const; // prettier-ignore

/** Whether the bytes hold anything that has to be changed; text of a person may look alike, which only costs a parse. */
const suspects = [
  '"developer"',
  '"max_completion_tokens"',
  '"web_search"',
  '"code_interpreter"',
  // As a member alone: it is also the commonest role.
  '"user":',
  '"user" :',
  ...foreignFields.filter((field) => field !== 'user').map((field) => `"${field}"`),
].map((text) => Buffer.from(text));

type OwnTools = Pick<QwenCredential, 'builtin_tools' | 'needs_dummy_tool'>;

export interface FittedBody {
  body: Buffer | string;
  dropped: string[];
}

/** A client's own request of OpenAI's form as Model Studio takes it: its bytes, unless something in it is refused. */
export function fitBody(bytes: Buffer, account: OwnTools, isStream: boolean): FittedBody {
  const { builtin_tools: tools, needs_dummy_tool: needsTool } = account;
  if (tools.length === 0 && !needsTool && !suspects.some((suspect) => bytes.includes(suspect)))
    return { body: bytes, dropped: [] };
  // The scan of the request has proved the body well-formed.
  const body = JSON.parse(bytes.toString()) as JsonObject;
  const wanted = [...new Set([...tools, ...takeBuiltinTools(body)])];
  requireStreaming(wanted, isStream);
  const dropped = foreignFields.filter((field) => Object.hasOwn(body, field));
  for (const field of dropped) delete body[field];
  renameBound(body);
  if (Array.isArray(body['messages'])) body['messages'] = body['messages'].map(renameRole);
  applyBuiltinTools(body, wanted, isStream);
  if (needsTool) addDummyTool(body);
  return { body: JSON.stringify(body), dropped };
}

/** OpenAI's newer word for `max_tokens`, which goes before the older one. */
function renameBound(body: JsonObject): void {
  const bound = body['max_completion_tokens'];
  if (bound === undefined) return;
  delete body['max_completion_tokens'];
  body['max_tokens'] = bound;
}

/** `developer` is OpenAI's newer word for `system`. */
function renameRole(message: Json): Json {
  return isJsonObject(message) && message['role'] === 'developer' ? { ...message, role: 'system' } : message;
}
