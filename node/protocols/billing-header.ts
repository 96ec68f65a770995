import type { TextPart } from '../conversation/contract.ts';

/**
 * Claude Code's first system block holds a hash that changes with every request and would spoil the upstream's prefix
 * cache (musistudio/claude-code-router#1343, anthropics/claude-code#68900).
 */
export function isBillingHeader(part: TextPart): boolean {
  return part.text.startsWith('x-anthropic-billing-header:');
}
