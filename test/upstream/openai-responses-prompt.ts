import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { imagesOf, textOf, toolOf } from './openai-prompt.ts';
import { countTokens, type Prompt } from './prompt.ts';

/** Reads a checked body of the Responses API. */
export function readResponsesPrompt(body: JsonObject): Prompt {
  const input: Json[] =
    typeof body.input === 'string'
      ? [{ role: 'user', content: body.input }]
      : Array.isArray(body.input)
        ? body.input
        : [];
  const items = input.filter(isJsonObject);
  const lastUser = items.findLast((item) => item.role === 'user');
  const tail = items.slice(
    items.findLastIndex((item) => item.role === 'assistant' || item.type === 'function_call') + 1,
  );
  const choice = body.tool_choice;
  const format = isJsonObject(body.text) && isJsonObject(body.text.format) ? body.text.format : {};
  const reasoning = isJsonObject(body.reasoning) ? body.reasoning : {};
  return {
    model: String(body.model),
    system: [
      textOf(body.instructions),
      ...items
        .filter((item) => item.role === 'system' || item.role === 'developer')
        .map((item) => textOf(item.content)),
    ]
      .filter((text) => text !== '')
      .join('\n'),
    text: textOf(lastUser?.content),
    results: tail
      .filter((item) => item.type === 'function_call_output')
      .map((item) => ({ callId: String(item.call_id), text: textOf(item.output), isError: false })),
    images: tail.flatMap((item) => imagesOf(item.content).concat(imagesOf(item.output))),
    roles: items.map(letterOf).join(''),
    tools: (Array.isArray(body.tools) ? body.tools : [])
      .filter(isJsonObject)
      .filter((tool) => tool.type === 'function')
      .map(toolOf),
    forced:
      isJsonObject(choice) && choice.type === 'function'
        ? String(choice.name)
        : choice === 'required'
          ? true
          : undefined,
    forbidsTools: choice === 'none',
    forbidsParallel: body.parallel_tool_calls === false,
    maxTokens: typeof body.max_output_tokens === 'number' ? body.max_output_tokens : undefined,
    stop: [],
    wantsThinking: typeof reasoning.summary === 'string',
    jsonSchema:
      format.type === 'json_schema' && isJsonObject(format.schema)
        ? format.schema
        : format.type === 'json_object'
          ? {}
          : undefined,
    inputTokens: [body.instructions, body.tools, body.input].reduce<number>(
      (sum, part) => sum + (part === undefined || part === null ? 0 : countTokens(JSON.stringify(part))),
      0,
    ),
    cachePrefix: typeof body.prompt_cache_key === 'string' ? body.prompt_cache_key : undefined,
  };
}

function letterOf(item: JsonObject): string {
  if (item.type === 'function_call') return 'a';
  if (item.type === 'function_call_output') return 't';
  return item.role === 'developer' ? 's' : String(item.role ?? '').charAt(0);
}
