import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation, TextPart, Tool, ToolChoice } from '../../conversation/contract.ts';
import { isBillingHeader } from '../billing-header.ts';
import { protocolFaults } from '../faults.ts';
import { cleanToolSchema } from '../tool-schema/clean-tool-schema.ts';
import { InliningAllowance } from '../tool-schema/inlining-allowance.ts';
import { ContentEncoder } from './encode-contents.ts';
import { thinkingConfigOf } from './thinking-config.ts';
import { GeminiToolNames } from './tool-names.ts';

/** As many as Gemini takes (https://ai.google.dev/api/generate-content#generationconfig). */
const stopSequencesMax = 5;

/** The longest answer of any of its models, tokens; a bound above it is refused. */
const outputTokensMax = 65_536;

export interface EncodedGemini {
  /** Without the model, which stands in the path or beside the body. */
  body: JsonObject;
  dropped: string[];
  /** Tool names that had to be changed: as sent, as the client knows them. */
  toolNames: ReadonlyMap<string, string>;
}

/** Turns the middle form into the body of `generateContent`. Throws `unsupported_field`. */
export function encodeRequest(conversation: Conversation): EncodedGemini {
  const dropped = new Set<string>();
  const names = new GeminiToolNames();
  const contents = new ContentEncoder(conversation.model, names, dropped).encode(conversation);
  const body: JsonObject = { contents };
  const system = conversation.system.filter((part) => part.text !== '' && !isBillingHeader(part));
  if (system.length > 0) body['systemInstruction'] = { role: 'user', parts: system.map(systemPart) };
  addTools(body, conversation, names);
  const config = generationConfig(conversation);
  if (Object.keys(config).length > 0) body['generationConfig'] = config;
  noteDropped(conversation, dropped);
  return { body, dropped: [...dropped], toolNames: names.changed };
}

function systemPart({ text }: TextPart): JsonObject {
  return { text: text.toWellFormed() };
}

function addTools(body: JsonObject, { tools, toolChoice }: Conversation, names: GeminiToolNames): void {
  if (tools.length === 0) return;
  const allowance = new InliningAllowance();
  body['tools'] = [{ functionDeclarations: tools.map((tool) => declaration(tool, names, allowance)) }];
  if (toolChoice !== undefined) body['toolConfig'] = { functionCallingConfig: callingConfig(toolChoice, names) };
}

function declaration(tool: Tool, names: GeminiToolNames, allowance: InliningAllowance): JsonObject {
  return {
    name: names.sent(tool.name),
    ...(tool.description === undefined ? {} : { description: tool.description.toWellFormed() }),
    parametersJsonSchema: cleanToolSchema(tool.schema, { isGemini: true, allowance }),
  };
}

function callingConfig(choice: ToolChoice, names: GeminiToolNames): JsonObject {
  if (choice.type === 'tool') return { mode: 'ANY', allowedFunctionNames: [names.sent(choice.name)] };
  return { mode: choice.type === 'any' ? 'ANY' : choice.type === 'none' ? 'NONE' : 'AUTO' };
}

function generationConfig(conversation: Conversation): JsonObject {
  const { maxTokens, temperature, topP, topK, seed, presencePenalty, frequencyPenalty, thinking } = conversation;
  const stop = conversation.stop.filter((sequence) => sequence !== '');
  if (stop.length > stopSequencesMax) {
    throw protocolFaults.unsupported_field(`stop: at most ${stopSequencesMax} sequences can be carried`, {
      field: 'stop',
    });
  }
  const fields = {
    maxOutputTokens: maxTokens === undefined ? undefined : Math.min(maxTokens, outputTokensMax),
    temperature,
    topP,
    topK,
    seed,
    presencePenalty,
    frequencyPenalty,
    stopSequences: stop.length === 0 ? undefined : stop,
    thinkingConfig: thinking === undefined ? undefined : thinkingConfigOf(thinking, conversation.model),
    ...outputFormat(conversation),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}

function outputFormat({ outputFormat: format }: Conversation): JsonObject {
  if (format === undefined || format.type === 'text') return {};
  if (format.type === 'json') return { responseMimeType: 'application/json' };
  const responseJsonSchema = cleanToolSchema(format.schema, { isGemini: true });
  return { responseMimeType: 'application/json', responseJsonSchema };
}

function noteDropped(
  { parallelToolCalls, promptCacheKey, tools, system, messages }: Conversation,
  dropped: Set<string>,
) {
  if (parallelToolCalls === false && tools.length > 0) dropped.add('parallel_tool_calls');
  if (promptCacheKey !== undefined) dropped.add('prompt_cache_key');
  const parts = [...system, ...tools, ...messages.flatMap((message) => message.parts)];
  if (parts.some((part) => 'cacheControl' in part && part.cacheControl !== undefined)) dropped.add('cache_control');
}
