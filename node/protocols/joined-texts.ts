import type { Part } from '../conversation/contract.ts';

/** The parts of an answer with neighbouring texts made one: no format tells them apart. */
export function joinedTexts(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (part.type === 'text' && last?.type === 'text') {
      result[result.length - 1] = { ...part, text: last.text + part.text };
    } else result.push(part);
  }
  return result;
}
