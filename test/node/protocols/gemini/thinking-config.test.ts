import { describe, expect, it } from 'vitest';
import type { Thinking } from '../../../../node/conversation/contract.ts';
import { demandsSignatures, thinkingConfigOf } from '../../../../node/protocols/gemini/thinking-config.ts';
import { checkConfig } from '../../../upstream/gemini/check-config.ts';

const models = [
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gemini-3-pro-preview',
  'gemini-3-flash-preview',
  'gemini-3-flash',
  'gemini-3.1-pro-preview',
  'gemini-3.1-flash-lite-preview',
  'gemini-3.5-flash',
];
const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
const budgets = [0, 1, 127, 128, 1024, 8192, 24_576, 24_577, 32_768, 1_000_000];
const wishes: Thinking[] = [
  { mode: 'off' },
  { mode: 'on' },
  { mode: 'adaptive' },
  ...efforts.map((effort): Thinking => ({ mode: 'on', effort })),
  ...budgets.map((budgetTokens): Thinking => ({ mode: 'on', budgetTokens })),
];

describe('how much a model of Gemini thinks', () => {
  it.each(models)('is always something that %s takes', (model) => {
    for (const thinking of wishes) {
      const thinkingConfig = thinkingConfigOf(thinking, model);
      expect(() => checkConfig({ generationConfig: { thinkingConfig } }, model)).not.toThrow();
      const isOff = thinking.mode === 'off' || thinking.effort === 'none';
      expect(thinkingConfig['includeThoughts']).toBe(isOff ? undefined : true);
    }
  });

  it.each<[string, Thinking, object]>([
    ['gemini-2.5-pro', { mode: 'off' }, { thinkingBudget: 128 }],
    ['gemini-2.5-flash', { mode: 'off' }, { thinkingBudget: 0 }],
    ['gemini-2.5-flash', { mode: 'adaptive' }, { includeThoughts: true, thinkingBudget: -1 }],
    ['gemini-2.5-flash', { mode: 'on', budgetTokens: 32_000 }, { includeThoughts: true, thinkingBudget: 24_576 }],
    ['gemini-2.5-pro', { mode: 'on', effort: 'low' }, { includeThoughts: true, thinkingBudget: 1024 }],
    ['gemini-3-pro-preview', { mode: 'off' }, { thinkingLevel: 'low' }],
    ['gemini-3-flash', { mode: 'off' }, { thinkingLevel: 'minimal' }],
    ['gemini-3-pro-preview', { mode: 'on', effort: 'minimal' }, { includeThoughts: true, thinkingLevel: 'low' }],
    ['gemini-3-flash', { mode: 'on', effort: 'minimal' }, { includeThoughts: true, thinkingLevel: 'minimal' }],
    ['gemini-3-pro-preview', { mode: 'on', effort: 'max' }, { includeThoughts: true, thinkingLevel: 'high' }],
    ['gemini-3-pro-preview', { mode: 'on', budgetTokens: 2048 }, { includeThoughts: true, thinkingLevel: 'low' }],
    ['gemini-3-pro-preview', { mode: 'on', budgetTokens: 8192 }, { includeThoughts: true, thinkingLevel: 'medium' }],
    ['gemini-3-pro-preview', { mode: 'adaptive' }, { includeThoughts: true }],
  ])('%s for %j', (model, thinking, config) => {
    expect(thinkingConfigOf(thinking, model)).toEqual(config);
  });

  it('goes with signatures from Gemini 3 on', () => {
    expect(models.filter(demandsSignatures)).toEqual(models.slice(3));
  });
});
