import type { Conversation } from '../../conversation/contract.ts';

/**
 * What a client asks for that the format has no field for, said to the model at the end of the system prompt. Nobody
 * enforces it, so it is reported as dropped all the same.
 */
export function wishesInWords({ outputFormat, toolChoice, tools }: Conversation): string[] {
  const wishes: string[] = [];
  if (outputFormat?.type === 'json' || outputFormat?.type === 'json_schema') {
    wishes.push('Answer with one JSON object and nothing else: no words around it, no code fence.');
  }
  if (outputFormat?.type === 'json_schema') {
    wishes.push(`The object must be valid against this JSON Schema: ${JSON.stringify(outputFormat.schema)}`);
  }
  if (tools.length === 0) return wishes;
  if (toolChoice?.type === 'any') wishes.push('Call at least one of the tools in your next answer.');
  if (toolChoice?.type === 'tool') wishes.push(`Call the tool ${toolChoice.name} in your next answer.`);
  return wishes;
}
