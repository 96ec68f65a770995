import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import type { Conversation, Effort, OutputFormat, TextPart, Thinking } from '../../conversation/contract.ts';
import {
  badField,
  objectAt,
  optionalArray,
  optionalNumber,
  optionalObject,
  optionalOneOf,
  requiredString,
} from '../fields.ts';
import { protocolFaults } from '../faults.ts';
import { textPart } from './cache-mark.ts';
import { decodeMessages } from './decode-messages.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';
import { toolNames } from './tool-names.ts';

/** Members that are read here; everything else at the root is reported as dropped. */
const known = new Set([
  'model',
  'stream',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
]);

/** An Anthropic request in the middle form. Throws `invalid_request` or `unsupported_field` with the member's path. */
export function decodeRequest(body: JsonObject, hints: { model: string; stream: boolean }): Conversation {
  refuseServers(body);
  const dropped = new Set(Object.keys(body).filter((key) => !known.has(key) && body[key] !== null));
  const { tools, parallelToolCalls, toolChoice } = decodeToolMembers(body, dropped);
  const conversation: Conversation = {
    model: hints.model,
    system: decodeSystem(body),
    messages: decodeMessages(body, dropped),
    tools,
    stop: decodeStop(body),
    stream: hints.stream,
    dropped: [],
  };
  if (toolChoice !== undefined) conversation.toolChoice = toolChoice;
  if (parallelToolCalls !== undefined) conversation.parallelToolCalls = parallelToolCalls;
  const names = toolNames(body);
  if (names !== undefined) conversation.toolKinds = names;
  decodeNumbers(body, conversation);
  decodeThinking(body, conversation, dropped);
  const outputFormat = decodeOutputFormat(body);
  if (outputFormat !== undefined) conversation.outputFormat = outputFormat;
  conversation.dropped = [...dropped];
  return conversation;
}

/** Without its servers' tools such a request means something else, so it is not carried at all. */
function refuseServers(body: JsonObject): void {
  const servers = optionalArray(body, 'mcp_servers', '');
  if (servers === undefined || servers.length === 0) return;
  throw protocolFaults.unsupported_field('mcp_servers: only an Anthropic upstream can call MCP servers', {
    field: 'mcp_servers',
  });
}

function decodeToolMembers(body: JsonObject, dropped: Set<string>) {
  const tools = decodeTools(body, dropped);
  const choice = decodeToolChoice(body, tools, dropped);
  return { tools, ...choice };
}

/**
 * Claude Code's first system block says which client this is and changes with every request; for other upstreams it is
 * noise that spoils their prefix caches (1rgs/claude-code-proxy#99, anthropics/claude-code#68900).
 */
const billingHeader = 'x-anthropic-billing-header:';

function decodeSystem(body: JsonObject): TextPart[] {
  const system = body['system'];
  if (system === undefined || system === null) return [];
  if (typeof system === 'string') return keptSystem([{ type: 'text', text: system }]);
  if (!Array.isArray(system)) throw badField('system', 'must be a string or an array of text blocks', system);
  return keptSystem(
    system.map((_, index) => {
      const path = `system[${index}]`;
      const block = objectAt(system, index, 'system');
      if (block['type'] !== 'text') throw badField(`${path}.type`, 'must be "text"', block['type']);
      return textPart(block, path);
    }),
  );
}

function keptSystem(parts: TextPart[]): TextPart[] {
  return parts.filter((part) => part.text !== '' && !part.text.startsWith(billingHeader));
}

function decodeNumbers(body: JsonObject, conversation: Conversation): void {
  const maxTokens = optionalNumber(body, 'max_tokens', '', { min: 1, integer: true });
  const temperature = optionalNumber(body, 'temperature', '', { min: 0, max: 2 });
  const topP = optionalNumber(body, 'top_p', '', { min: 0, max: 1 });
  const topK = optionalNumber(body, 'top_k', '', { min: 0, integer: true });
  if (maxTokens !== undefined) conversation.maxTokens = maxTokens;
  if (temperature !== undefined) conversation.temperature = temperature;
  if (topP !== undefined) conversation.topP = topP;
  if (topK !== undefined) conversation.topK = topK;
}

function decodeStop(body: JsonObject): string[] {
  const list = optionalArray(body, 'stop_sequences', '') ?? [];
  return list
    .map((stop, index) => {
      if (typeof stop !== 'string') throw badField(`stop_sequences[${index}]`, 'must be a string', stop);
      return stop;
    })
    .filter((stop) => stop !== '');
}

const efforts: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const outputConfigKnown = new Set(['effort', 'format']);

function decodeThinking(body: JsonObject, conversation: Conversation, dropped: Set<string>): void {
  const config = optionalObject(body, 'output_config', '') ?? {};
  for (const key of Object.keys(config)) if (!outputConfigKnown.has(key)) dropped.add(`output_config.${key}`);
  const effort = optionalOneOf(config, 'effort', 'output_config', efforts);
  const thinking = thinkingMode(body);
  if (thinking === undefined && effort === undefined) return;
  const decoded: Thinking = thinking ?? { mode: 'adaptive' };
  if (effort !== undefined) {
    if (decoded.budgetTokens === undefined) decoded.effort = effort;
    else dropped.add('output_config.effort');
  }
  conversation.thinking = decoded;
}

function thinkingMode(body: JsonObject): Thinking | undefined {
  const thinking = optionalObject(body, 'thinking', '');
  if (thinking === undefined) return undefined;
  const type = requiredString(thinking, 'type', 'thinking');
  switch (type) {
    case 'disabled':
      return { mode: 'off' };
    case 'adaptive':
    case 'between_tools':
      return { mode: 'adaptive' };
    case 'enabled': {
      const budgetTokens = optionalNumber(thinking, 'budget_tokens', 'thinking', { min: 1, integer: true });
      return budgetTokens === undefined ? { mode: 'on' } : { mode: 'on', budgetTokens };
    }
    default:
      throw badField('thinking.type', 'must be one of enabled, adaptive, disabled', type);
  }
}

/** `output_config.format`, or the beta's `output_format`. */
function decodeOutputFormat(body: JsonObject): OutputFormat | undefined {
  const config = optionalObject(body, 'output_config', '');
  const inConfig = config === undefined ? undefined : optionalObject(config, 'format', 'output_config');
  const format = inConfig ?? optionalObject(body, 'output_format', '');
  if (format === undefined) return undefined;
  const path = inConfig === undefined ? 'output_format' : 'output_config.format';
  if (format['type'] !== 'json_schema') throw badField(`${path}.type`, 'must be "json_schema"', format['type']);
  const schema = format['schema'];
  if (!isJsonObject(schema)) throw badField(`${path}.schema`, 'is required and must be an object', schema);
  return { type: 'json_schema', schema, strict: true };
}
