import { describe, expect, it } from 'vitest';
import { defaultModels } from '../upstream/upstream.ts';
import type { ProviderBench } from './provider.ts';

/** Listing models, probing, and the account's own fields. */
export function testAccount<Credential>({ subject, drive, scripted, can }: ProviderBench<Credential>): void {
  describe('account', () => {
    if (can('model-list'))
      it('lists the models of the upstream', async () => {
        const driven = drive();
        const { models } = driven.upstream;
        if (models === undefined) throw new Error('the provider lists no models; say so with `cannot`');
        const listed: string[] = [];
        let page: string | undefined;
        do {
          const answer = await driven.send(models.request(page));
          const body = Buffer.concat(answer.chunks);
          listed.push(...models.parse(body).map((model) => model.id));
          page = models.nextPage?.(body, answer.headers);
        } while (page !== undefined);
        expect(listed).toEqual([...(subject.listed ?? defaultModels)]);
      });

    it('probes with and without a model', async () => {
      const driven = drive();
      for (const model of [subject.model, undefined]) {
        const answer = await driven.send(driven.upstream.probe(model));
        expect(answer.status).toBe(200);
      }
      expect(scripted().totals.tokens.output).toBeLessThan(20);
    });

    it('notices a bad credential when it probes', async () => {
      const driven = drive('sk-wrong-key-000');
      const answer = await driven.send(driven.upstream.probe(subject.model));
      const fault = driven.upstream.readFault(answer.status, answer.headers, Buffer.concat(answer.chunks));
      expect(fault.code).toBe(subject.refusedAs?.['wrong key'] ?? 'upstream_unauthorised');
    });

    it('refuses unknown fields of an account', () => {
      const fields = { ...subject.accountFields(scripted(), 'sk-upstream-1'), no_such_field: 1 };
      expect(subject.provider.credential.safeParse(fields).success).toBe(false);
    });

    it('does not print its credential', () => {
      const { provider } = subject;
      const credential = provider.credential.parse(subject.accountFields(scripted(), 'sk-upstream-secret'));
      expect(JSON.stringify(credential)).not.toContain('sk-upstream-secret');
    });
  });
}
