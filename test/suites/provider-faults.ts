import { describe, expect, it } from 'vitest';
import { conversation } from './conversations.ts';
import type { ProviderBench } from './provider.ts';

/** What each refusal of an upstream means: whose fault, whether to repeat, what it says about the account. */
export function testFaults<Credential>({ subject, drive, scripted, can }: ProviderBench<Credential>): void {
  const faultOf = (script: string) => {
    scripted().script(script);
    return drive().faultOf(conversation(subject.model, 'x'));
  };

  describe('refusals', () => {
    it('rests the account for the time a 429 names', async () => {
      const fault = await faultOf('429=7');
      expect(fault).toMatchObject({
        code: 'upstream_rate_limited',
        status: 429,
        retry: 'after',
        penalty: 'rest',
        retryAfterMs: 7000,
      });
    });

    if (can('reset-headers'))
      it('reads the reset headers of a 429', async () => {
        const fault = await faultOf('429-reset=30');
        expect(fault.retryAfterMs).toBeGreaterThan(20_000);
        expect(fault.retryAfterMs).toBeLessThanOrEqual(31_000);
      });

    it('takes a 429 without a time', async () => {
      expect(await faultOf('429')).toMatchObject({ code: 'upstream_rate_limited', penalty: 'rest' });
    });

    it.each(['quota', 'no-credit'])('moves traffic away from an account without money: %s', async (script) => {
      const fault = await faultOf(script);
      expect(fault.source).toBe('upstream');
      expect(['other-account', 'after']).toContain(fault.retry);
      expect(fault.penalty).not.toBe('none');
    });

    it.each(['401', '403'] as const)('never blames the client for the account: %s', async (script) => {
      const fault = await faultOf(script);
      const code = subject.refusedAs?.[script] ?? 'upstream_unauthorised';
      expect(fault).toMatchObject({ code, source: 'upstream', retry: 'other-account' });
      if (code === 'upstream_unauthorised') expect(fault.penalty).toBe('breaker');
      expect(fault.status).toBeGreaterThanOrEqual(500);
    });

    it('leaves a suspended account to its owner, at once or when it goes on', async () => {
      const fault = await faultOf('suspended');
      expect(fault).toMatchObject({ source: 'upstream', retry: 'other-account' });
      expect(['disable', 'breaker']).toContain(fault.penalty);
      const { suspended: code = fault.code } = subject.refusedAs ?? {};
      expect(fault.code).toBe(code);
      expect(fault.status).toBeGreaterThanOrEqual(500);
    });

    it('does not repeat a wrong key in its message', async () => {
      const fault = await drive('sk-wrong-key-000').faultOf(conversation(subject.model, 'x'));
      expect(fault.code).toBe(subject.refusedAs?.['wrong key'] ?? 'upstream_unauthorised');
      expect(fault.message).not.toContain('sk-wrong-key-000');
    });

    it('does not blame the account for an overload', async () => {
      expect(await faultOf('529')).toMatchObject({
        code: 'upstream_overloaded',
        retry: 'other-account',
        penalty: 'none',
      });
    });

    it.each(['500', 'html-502'])('counts %s as a failure of the account', async (script) => {
      const fault = await faultOf(script);
      expect(fault).toMatchObject({
        code: 'upstream_error',
        source: 'upstream',
        retry: 'other-account',
        penalty: 'breaker',
      });
      expect(fault.message).not.toContain('<');
    });

    it('knows a prompt that is too long', async () => {
      expect(await faultOf('too-long')).toMatchObject({
        code: 'context_too_long',
        source: 'client',
        retry: 'never',
        status: 400,
        penalty: 'none',
      });
    });

    it('tries another account for an unknown model', async () => {
      expect(await faultOf('404')).toMatchObject({
        code: 'upstream_model_not_found',
        retry: 'other-account',
        penalty: 'none',
      });
    });

    it.each(['400', '413'])("passes the client's own %s on and repeats nothing", async (script) => {
      const fault = await faultOf(script);
      expect(fault).toMatchObject({ source: 'client', retry: 'never', penalty: 'none' });
      expect(fault.status).toBe(Number(script));
    });
  });
}
