import { lakeSchema, placeSchema, pngBase64, pngBytes } from '../clients/samples.ts';
import type { Ask, Heard, ToolOffer, ToolResult } from './contract.ts';

export { pngBase64, pngBytes };

export const question = 'How deep is Lake Bled?';

export const lakeTool: ToolOffer = { name: 'lake_info', description: 'Facts about a lake', schema: lakeSchema };
export const weatherTool: ToolOffer = { name: 'weather', description: 'The weather', schema: placeSchema };
export const tools = [lakeTool, weatherTool] as const;

export function ask(model: string, more: Partial<Ask> = {}): Ask {
  return { model, turns: [{ by: 'user', text: question }], ...more };
}

/** The conversation goes on with what the tools said. */
export function withResults(before: Ask, heard: Heard, results: ToolResult[]): Ask {
  return {
    ...before,
    turns: [...before.turns, { by: 'model', kept: heard.kept }, { by: 'tools', results }],
  };
}
