import { isJsonObject } from '../../../../kit/json.ts';
import type { Conversation, OutputFormat, Tool, ToolChoice } from '../../../conversation/contract.ts';
import { isOpenaiReasoningModel, usesMaxCompletionTokens } from '../../../protocols/openai-chat/model-family.ts';
import { portableName } from '../../../protocols/portable-name.ts';
import { callsInARow, callsInARowMax } from './calls-in-a-row.ts';
import type { EncodedChatRequest, JsonObject, OciChatTarget } from './contract.ts';
import { genericShape } from './generic-shape.ts';
import { encodeMessages } from './messages.ts';
import { type Backend, backendOf } from './model-backend.ts';
import { outputBound } from './output-bound.ts';
import { reasoningEffort } from './reasoning-effort.ts';
import { refuseTooManyTools } from './tool-limit.ts';
import { travellingNames } from './tool-names.ts';
import { cleanToolSchema, type SchemaTraits } from '../../../protocols/tool-schema/clean-tool-schema.ts';
import { openInliningAllowance } from '../../../protocols/tool-schema/inlining-allowance.ts';

/** The format of all models but Cohere's: enumerations in upper case, calls and tools flat, arguments as JSON text. */
export function encodeGeneric(
  conversation: Conversation,
  target: OciChatTarget,
  dropped: Set<string>,
): EncodedChatRequest {
  const backend = backendOf(target.model);
  const chatRequest: JsonObject = {
    apiFormat: 'GENERIC',
    messages: encodeMessages(conversation, genericShape(backend), dropped),
    isStream: conversation.stream,
  };
  if (conversation.stream) chatRequest['streamOptions'] = { isIncludeUsage: true };
  addBound(chatRequest, conversation, target);
  addSampling(chatRequest, conversation, target.model, dropped);
  addTools(chatRequest, conversation, backend, dropped);
  const effort = reasoningEffort(conversation.thinking, target.model, dropped);
  if (effort !== undefined) chatRequest['reasoningEffort'] = effort;
  if (conversation.stop.length > 0) chatRequest['stop'] = conversation.stop;
  if (conversation.outputFormat !== undefined)
    chatRequest['responseFormat'] = responseFormat(conversation.outputFormat);
  return {
    chatRequest,
    toolNames: travellingNames(conversation.tools, portableName),
    printsCalls: backend === 'llama' && mayCall(chatRequest) && conversation.outputFormat === undefined,
  };
}

function mayCall({ tools, toolChoice }: JsonObject): boolean {
  return tools !== undefined && !(isJsonObject(toolChoice) && toolChoice['type'] === 'NONE');
}

/** OpenAI's own models take the second field alone, gpt-oss and all others the first. */
function addBound(chatRequest: JsonObject, conversation: Conversation, target: OciChatTarget): void {
  const isOpenai = /^openai\.(?!gpt-oss)/i.test(target.model);
  chatRequest[isOpenai ? 'maxCompletionTokens' : 'maxTokens'] = outputBound(conversation, target);
}

function addSampling(chatRequest: JsonObject, conversation: Conversation, model: string, dropped: Set<string>): void {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = conversation;
  if (!takesTemperature(model)) {
    if (temperature !== undefined) dropped.add('temperature');
    if (topP !== undefined) dropped.add('top_p');
  } else {
    if (temperature !== undefined) chatRequest['temperature'] = temperature;
    if (topP !== undefined) chatRequest['topP'] = topP;
  }
  if (topK !== undefined) chatRequest['topK'] = topK;
  if (seed !== undefined) chatRequest['seed'] = seed;
  if (frequencyPenalty !== undefined) chatRequest['frequencyPenalty'] = frequencyPenalty;
  if (presencePenalty !== undefined) chatRequest['presencePenalty'] = presencePenalty;
}

/** OpenAI's reasoning models refuse any but the default. */
function takesTemperature(model: string): boolean {
  const name = /^openai\.(.*)$/i.exec(model)?.[1]?.toLowerCase();
  return name === undefined || !(isOpenaiReasoningModel(name) || usesMaxCompletionTokens(name));
}

/** A choice without tools is refused by many backends. */
function addTools(chatRequest: JsonObject, conversation: Conversation, backend: Backend, dropped: Set<string>): void {
  const { tools, toolChoice, parallelToolCalls } = conversation;
  if (tools.length === 0) return;
  refuseTooManyTools(tools);
  const traits = { isGemini: backend === 'gemini', allowance: openInliningAllowance() };
  chatRequest['tools'] = tools.map((tool) => encodeTool(tool, traits));
  if (tools.some(({ strict }) => strict === true)) dropped.add('tools.strict');
  if (toolChoice !== undefined) chatRequest['toolChoice'] = encodeChoice(toolChoice);
  if (parallelToolCalls !== undefined) chatRequest['isParallelToolCalls'] = parallelToolCalls;
  // Llama goes on calling tools after their results have come.
  if (backend === 'llama' && callsInARow(conversation.messages) >= callsInARowMax) {
    if (toolChoice?.type === 'any' || toolChoice?.type === 'tool') dropped.add('tool_choice');
    chatRequest['toolChoice'] = { type: 'NONE' };
  }
}

function encodeTool({ name, description, schema }: Tool, traits: SchemaTraits): JsonObject {
  const parameters = cleanToolSchema(schema, traits);
  const tool: JsonObject = { type: 'FUNCTION', name: portableName(name), parameters };
  if (description !== undefined) tool['description'] = description;
  return tool;
}

const choices = { auto: 'AUTO', any: 'REQUIRED', none: 'NONE' } as const;

function encodeChoice(choice: ToolChoice): JsonObject {
  if (choice.type === 'tool') return { type: 'FUNCTION', name: portableName(choice.name) };
  return { type: choices[choice.type] };
}

function responseFormat(format: OutputFormat): JsonObject {
  if (format.type === 'text') return { type: 'TEXT' };
  if (format.type === 'json') return { type: 'JSON_OBJECT' };
  const jsonSchema: JsonObject = { name: format.name ?? 'answer', schema: format.schema };
  if (format.strict !== undefined) jsonSchema['isStrict'] = format.strict;
  return { type: 'JSON_SCHEMA', jsonSchema };
}
