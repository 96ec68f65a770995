import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { expect, it } from 'vitest';
import { anthropicModel, describeTargets, embeddingModel, errorOf, openaiModel } from './targets.ts';

describeTargets(
  'OpenAI SDK, models and embeddings',
  'openai',
  (target) => {
    const client = () => new OpenAI({ baseURL: target().openaiBaseUrl, apiKey: target().key, maxRetries: 0 });

    it('lists models', async () => {
      const ids: string[] = [];
      for await (const model of client().models.list()) ids.push(model.id);
      expect(ids).toContain(openaiModel);
      expect(ids).toContain(anthropicModel);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('embeds, whatever the encoding', async () => {
      const whole = await client().embeddings.create({
        model: embeddingModel,
        input: ['one', 'two'],
        encoding_format: 'float',
      });
      const packed = await client().embeddings.create({ model: embeddingModel, input: ['one', 'two'] });
      expect(packed.data.map((row) => row.embedding.length)).toEqual([16, 16]);
      for (const [index, row] of whole.data.entries()) {
        for (const [at, number] of row.embedding.entries())
          expect(packed.data[index]?.embedding[at]).toBeCloseTo(number, 6);
      }
      expect(whole.usage.prompt_tokens).toBe(2);
    });

    it('says clearly that a model cannot embed', async () => {
      // Does not apply: the upstream embeds with any model.
      if (target().node === undefined) return;
      const call = client().embeddings.create({ model: anthropicModel, input: 'one' });
      expect((await errorOf(call, BadRequestError)).message).toContain('embed');
    });

    it('says that a model is unknown', async () => {
      // Does not apply: the upstream takes any model.
      if (target().node === undefined) return;
      const call = client().chat.completions.create({
        model: 'gpt-4o-minny',
        messages: [{ role: 'user', content: 'x' }],
      });
      const error = await errorOf(call, NotFoundError);
      expect(error.code).toBe('model_not_found');
      expect(error.message).toContain(openaiModel);
    });
  },
  'custom providers',
);
