import { describe, expect, it } from 'vitest';
import { friendlyName, withVendor } from '../../../../node/providers/oci/model-family.ts';
import { modelsPath, nextModelsPage, parseModels } from '../../../../node/providers/oci/models.ts';

const nowMs = Date.UTC(2026, 0, 1);
const item = (displayName: string, more: Record<string, unknown> = {}) => ({
  id: 'ocid1.generativeaimodel.oc1..x',
  displayName,
  vendor: 'xai',
  type: 'BASE',
  capabilities: ['CHAT'],
  lifecycleState: 'ACTIVE',
  timeCreated: '2025-07-10T00:00:00.000Z',
  ...more,
});
const names = (items: unknown[]) => parseModels(Buffer.from(JSON.stringify({ items })), nowMs).map(({ id }) => id);

describe('the models of a region', () => {
  it('are those that can be asked on demand now', () => {
    expect(
      names([
        item('xai.grok-4'),
        item('xai.grok-4', { capabilities: ['FINE_TUNE'] }),
        item('xai.embed', { capabilities: ['TEXT_EMBEDDINGS'] }),
        item('xai.deleting', { lifecycleState: 'DELETING' }),
        item('mine', { type: 'CUSTOM' }),
        item('xai.gone', { timeOnDemandRetired: '2025-12-31T00:00:00Z' }),
        item('xai.going', { timeOnDemandRetired: '2026-06-01T00:00:00Z' }),
        item(''),
        null,
        { displayName: 7 },
      ]),
    ).toEqual(['xai.grok-4', 'xai.going']);
  });

  it('are there once, as the newest version has them, with a friendly name', () => {
    const older = item('xai.grok-4', { timeCreated: '2025-01-01T00:00:00Z', vendor: 'old' });
    const body = Buffer.from(JSON.stringify({ items: [older, item('xai.grok-4'), older] }));
    expect(parseModels(body, nowMs)).toEqual([
      { id: 'xai.grok-4', created: 1_752_105_600, ownedBy: 'xai', aliases: ['grok-4'] },
    ]);
  });

  it('are a bad answer without items', () => {
    expect(() => parseModels(Buffer.from('{}'), nowMs)).toThrow(
      expect.objectContaining({ code: 'upstream_bad_answer' }),
    );
    expect(() => parseModels(Buffer.from('<'), nowMs)).toThrow(
      expect.objectContaining({ code: 'upstream_bad_answer' }),
    );
  });

  it('come in pages, whose token goes escaped', () => {
    expect(nextModelsPage(Buffer.of(), { 'opc-next-page': 'AbC+/d==' })).toBe('AbC+/d==');
    expect(nextModelsPage(Buffer.of(), {})).toBeUndefined();
    expect(nextModelsPage(Buffer.of(), { 'opc-next-page': '' })).toBeUndefined();
    expect(modelsPath('ocid1.compartment.oc1..x', 'AbC+/d==')).toBe(
      '/20231130/models?compartmentId=ocid1.compartment.oc1..x&capability=CHAT&lifecycleState=ACTIVE&limit=100&page=AbC%2B%2Fd%3D%3D',
    );
  });
});

describe('names of models', () => {
  it.each([
    ['xai.grok-4', 'grok-4'],
    ['meta.llama-3.3-70b-instruct', 'llama-3.3-70b-instruct'],
    ['gpt-4.1', undefined],
    ['plain', undefined],
    ['xai.', undefined],
  ])('lose their vendor: %s', (name, friendly) => {
    expect(friendlyName(name)).toBe(friendly);
  });

  it.each([
    ['grok-4', 'xai.grok-4'],
    ['command-a-03-2025', 'cohere.command-a-03-2025'],
    ['llama-4-scout-17b-16e-instruct', 'meta.llama-4-scout-17b-16e-instruct'],
    ['gemini-2.5-pro', 'google.gemini-2.5-pro'],
    ['gpt-oss-120b', 'openai.gpt-oss-120b'],
    ['xai.grok-4', 'xai.grok-4'],
    ['ocid1.generativeaimodel.oc1..x', 'ocid1.generativeaimodel.oc1..x'],
    ['my-model', 'my-model'],
  ])('get it back where it shows: %s', (name, whole) => {
    expect(withVendor(name)).toBe(whole);
  });
});
