import type { Message, Part, ToolCallPart } from '../../conversation/contract.ts';

/**
 * Calls and results as text, for a request that declares no tools: the service refuses either of them then. Takes
 * messages in which calls and results are paired.
 */
export function flattenTools(messages: readonly Message[]): Message[] {
  const names = new Map<string, string>();
  return messages.map(({ role, parts }) => ({ role, parts: parts.flatMap((part) => flattened(part, names)) }));
}

function flattened(part: Part, names: Map<string, string>): Part[] {
  if (part.type === 'tool_call') {
    names.set(part.id, part.name);
    return [{ type: 'text', text: callText(part) }];
  }
  if (part.type !== 'tool_result') return [part];
  const label = `${part.isError === true ? 'Error' : 'Result'} of the tool ${names.get(part.callId) ?? part.name ?? ''}:`;
  const texts = part.content.flatMap((content) => (content.type === 'text' ? [content.text] : []));
  const others = part.content.filter((content) => content.type !== 'text');
  return [{ type: 'text', text: [label, ...texts].join('\n') }, ...others];
}

function callText({ name, argumentsJson }: ToolCallPart): string {
  return `(The tool ${name} was used with ${argumentsJson})`;
}
