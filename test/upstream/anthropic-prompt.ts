import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { mergeTurns } from './anthropic-check-messages.ts';
import { sniffImage } from './image-facts.ts';
import { countTokens, type Prompt } from './prompt.ts';

/** Reads a checked body of the Messages API. */
export function readAnthropicPrompt(body: JsonObject): Prompt {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const turns = mergeTurns(messages);
  const last = turns.findLast((turn) => turn.role === 'user')?.content ?? [];
  const results = last.filter((block) => block.type === 'tool_result');
  const choice = isJsonObject(body.tool_choice) ? body.tool_choice : {};
  const thinking = isJsonObject(body.thinking) ? body.thinking.type : undefined;
  const system = textOf(body.system);
  return {
    model: String(body.model),
    system,
    text: textOf(last.filter((block) => block.type === 'text')),
    results: results.map((block) => ({
      callId: String(block.tool_use_id),
      text: textOf(block.content),
      isError: block.is_error === true,
    })),
    images: [...last, ...results.flatMap((block) => (Array.isArray(block.content) ? block.content : []))].flatMap(
      imageOf,
    ),
    roles: messages.map((message) => (isJsonObject(message) ? String(message.role).charAt(0) : '')).join(''),
    tools: (Array.isArray(body.tools) ? body.tools : [])
      .filter(isJsonObject)
      .filter((tool) => isJsonObject(tool.input_schema))
      .map((tool) => ({ name: String(tool.name), schema: isJsonObject(tool.input_schema) ? tool.input_schema : {} })),
    forced: choice.type === 'tool' ? String(choice.name) : choice.type === 'any' ? true : undefined,
    forbidsTools: choice.type === 'none',
    forbidsParallel: choice.disable_parallel_tool_use === true,
    maxTokens: typeof body.max_tokens === 'number' ? body.max_tokens : undefined,
    stop: Array.isArray(body.stop_sequences) ? body.stop_sequences.map(String) : [],
    wantsThinking: thinking === 'enabled' || thinking === 'adaptive',
    jsonSchema: schemaOf(body),
    inputTokens: anthropicInputTokens(body),
    cachePrefix: cachePrefix(body),
  };
}

/** Tokens of a prompt: its system, tools and messages as JSON text. */
export function anthropicInputTokens(body: JsonObject): number {
  return [body.system, body.tools, body.messages].reduce<number>(
    (sum, part) => sum + (part === undefined ? 0 : countTokens(JSON.stringify(part))),
    0,
  );
}

function schemaOf(body: JsonObject): JsonObject | undefined {
  const config = isJsonObject(body.output_config) ? body.output_config : {};
  const format = isJsonObject(config.format)
    ? config.format
    : isJsonObject(body.output_format)
      ? body.output_format
      : {};
  return isJsonObject(format.schema) ? format.schema : undefined;
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.filter(isJsonObject).filter((block) => block.type === 'text');
  return texts.map((block) => String(block.text)).join('\n');
}

function imageOf(block: Json): Prompt['images'] {
  if (!isJsonObject(block) || block.type !== 'image' || !isJsonObject(block.source)) return [];
  const { data, url } = block.source;
  if (typeof data !== 'string') return [{ mediaType: String(url), bytes: 0 }];
  return [sniffImage(data) ?? { mediaType: 'unknown', bytes: 0 }];
}

/** Where a client marks a cache, everything up to the first message counts as what is cached. */
function cachePrefix(body: JsonObject): string | undefined {
  const text = JSON.stringify(body);
  if (!text.includes('"cache_control":{')) return undefined;
  const first = Array.isArray(body.messages) ? body.messages[0] : undefined;
  return createHash('sha256')
    .update(JSON.stringify([body.model, body.tools, body.system, first]))
    .digest('hex');
}
