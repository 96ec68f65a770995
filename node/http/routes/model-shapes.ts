import { z } from 'zod';
import type { ModelListing } from '../dependencies.ts';

/** https://platform.openai.com/docs/api-reference/models/object */
export const openAiModelSchema = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.number().describe('Unix seconds; 0 where the provider does not say'),
  owned_by: z.string(),
});

/** https://docs.anthropic.com/en/api/models-list; the epoch stands for an unknown date, as there. */
export const anthropicModelSchema = z.strictObject({
  type: z.literal('model'),
  id: z.string(),
  display_name: z.string(),
  created_at: z.string(),
});

/** https://ai.google.dev/api/models#Model */
export const geminiModelSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  displayName: z.string(),
  supportedGenerationMethods: z.array(z.string()),
});

export function openAiModel(model: ModelListing): z.infer<typeof openAiModelSchema> {
  return { id: model.id, object: 'model', created: model.created ?? 0, owned_by: model.ownedBy };
}

export function anthropicModel(model: ModelListing): z.infer<typeof anthropicModelSchema> {
  const created = new Date((model.created ?? 0) * 1000).toISOString().replace('.000Z', 'Z');
  return { type: 'model', id: model.id, display_name: model.displayName ?? model.id, created_at: created };
}

export function geminiModel(model: ModelListing): z.infer<typeof geminiModelSchema> {
  return {
    name: `models/${model.id}`,
    version: '001',
    displayName: model.displayName ?? model.id,
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
  };
}
