import type { JsonObject } from '../../../kit/json.ts';
import { protocolFaults } from '../../protocols/faults.ts';

export type BuiltinTool = 'web_search' | 'code_interpreter';

/**
 * Model Studio's own tools are switched on by fields of the request, not by entries of `tools`. The interpreter thinks
 * and streams, or does not work at all, and its code is not shown (vendor's page "Code interpreter").
 */
export function applyBuiltinTools(body: JsonObject, tools: readonly BuiltinTool[], isStream: boolean): void {
  if (tools.includes('web_search')) body['enable_search'] = true;
  if (!tools.includes('code_interpreter') || !isStream) return;
  body['enable_code_interpreter'] = true;
  body['enable_thinking'] = true;
}

/** Entries of `tools` that name such a tool, as a client of OpenAI's format writes them. */
export function takeBuiltinTools(body: JsonObject): BuiltinTool[] {
  const list = body['tools'];
  if (!Array.isArray(list)) return [];
  const taken: BuiltinTool[] = [];
  const rest = list.filter((tool, index) => {
    const type = typeof tool === 'object' && tool !== null && !Array.isArray(tool) ? tool['type'] : undefined;
    if (type === undefined || type === 'function') return true;
    if (type === 'web_search' || type === 'code_interpreter') taken.push(type);
    else throw unknownTool(index);
    return false;
  });
  if (rest.length === 0) delete body['tools'];
  else body['tools'] = rest;
  return taken;
}

/** The interpreter is refused without streaming rather than left out: the client counts on it. */
export function requireStreaming(tools: readonly BuiltinTool[], isStream: boolean): void {
  if (isStream || !tools.includes('code_interpreter')) return;
  throw protocolFaults.unsupported_field('tools: code_interpreter works in streamed requests only', { field: 'tools' });
}

function unknownTool(index: number) {
  return protocolFaults.unsupported_field(
    `tools[${index}].type: must be function, web_search or code_interpreter for this provider`,
    { field: `tools[${index}].type` },
  );
}
