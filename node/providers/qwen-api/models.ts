import type { ListedModel } from '../contract.ts';

/** What the OAuth login serves; it has no call that lists models (QwenLM/qwen-code, end of April 2026). */
export const loginModels: readonly ListedModel[] = [
  { id: 'coder-model', displayName: 'Qwen Coder', ownedBy: 'qwen', aliases: ['qwen3.5-plus', 'qwen3.6-plus'] },
  { id: 'qwen3-coder-plus', ownedBy: 'qwen' },
  { id: 'qwen3-coder-flash', ownedBy: 'qwen' },
];

/** Names that the login refuses although its generic model is them. */
export const loginModelMap: Readonly<Record<string, string>> = {
  'qwen3.5-plus': 'coder-model',
  'qwen3.6-plus': 'coder-model',
};

/** Longest answers, tokens; a bound above it is answered with 400. */
const outputTokensMax: ReadonlyMap<string, number> = new Map([
  ['coder-model', 65_536],
  ['qwen3-coder-plus', 65_536],
  ['qwen3-coder-flash', 65_536],
]);

export function clampMaxTokens(model: string, maxTokens: number): number {
  return Math.min(maxTokens, outputTokensMax.get(model) ?? Infinity);
}
