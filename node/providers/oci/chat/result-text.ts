import type { ToolResultPart } from '../../../conversation/contract.ts';
import { resultText } from '../../../protocols/openai-chat/encode-parts.ts';

/** Text of a tool's result. No format of OCI has a mark for failures. */
export function resultTextOf(result: ToolResultPart): string {
  const text = resultText(result.content);
  return result.isError === true && !/^error/i.test(text) ? `Error: ${text}` : text;
}
