import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { openTextTokenEstimate } from '../../../../node/conversation/estimate-text-tokens.ts';
import { estimateInputTokens } from '../../../../node/protocols/codewhisperer/estimate-input.ts';

const prose = 'The lake is 31 m deep, and 2 km long; nobody has swum in it since 1987. ';
const code = 'const depth = lake.measure({ unit: "m", exact: true });\n';

function whole(text: string): number {
  const estimate = openTextTokenEstimate();
  estimate.push(text);
  return estimate.tokens;
}

describe('the estimate of a request', () => {
  it.each<[string, string[]]>([
    ['a short one', [prose]],
    ['a long text', [prose.repeat(2_000)]],
    ['many texts of two kinds', Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? prose : code).repeat(20))],
    ['Chinese', ['湖深三十一米，长两公里。'.repeat(1_000)]],
  ])('is near that of all its characters: %s', (_name, texts) => {
    const estimated = estimateInputTokens({ history: texts });
    const exact = whole(texts.join('\n'));
    expect(estimated).toBeGreaterThan(exact * 0.8);
    expect(estimated).toBeLessThan(exact * 1.2 + 5);
  });

  it('counts images by their number', () => {
    const image = { format: 'png', source: { bytes: 'A'.repeat(1_000_000) } };
    const without: JsonObject = { content: prose, images: [] };
    expect(estimateInputTokens({ content: prose, images: [image, image] })).toBe(estimateInputTokens(without) + 3_000);
  });

  it('counts nothing for nothing', () => {
    expect(estimateInputTokens({})).toBe(0);
  });
});
