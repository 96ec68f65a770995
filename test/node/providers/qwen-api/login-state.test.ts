import { describe, expect, it } from 'vitest';
import { LoginState } from '../../../../node/providers/qwen-api/login-state.ts';
import { GivenToken } from '../../../suites/given-token.ts';

function open() {
  const token = new GivenToken('a');
  const state = new LoginState(token);
  const refuse = (accessToken: string | undefined = token.accessToken) => state.refused(401, accessToken).code;
  return { token, state, refuse };
}

describe('a login whose token is refused', () => {
  it('is refreshed, and is no more when a new token is refused that never served', () => {
    const { token, refuse } = open();
    expect(refuse()).toBe('upstream_token_refused');
    token.accessToken = 'b';
    expect(refuse()).toBe('upstream_not_entitled');
  });

  it('is refreshed again when the token had served', () => {
    const { token, state, refuse } = open();
    expect(refuse()).toBe('upstream_token_refused');
    token.accessToken = 'b';
    state.served();
    expect(refuse()).toBe('upstream_token_refused');
  });

  it('is asked for one refresh by many requests with one token', () => {
    const { refuse } = open();
    expect([refuse(), refuse(), refuse()]).toEqual(Array.from({ length: 3 }, () => 'upstream_token_refused'));
  });

  it('outlives refusals of the old token that come after the new one', () => {
    const { token, refuse } = open();
    expect(refuse('a')).toBe('upstream_token_refused');
    token.accessToken = 'b';
    expect([refuse('a'), refuse('a')]).toEqual(['upstream_token_refused', 'upstream_token_refused']);
    expect(refuse('b')).toBe('upstream_not_entitled');
  });

  it('is not judged where nobody knows what a request was sent with', () => {
    const { token, state, refuse } = open();
    expect(refuse()).toBe('upstream_token_refused');
    token.accessToken = 'b';
    expect(state.refused(502, undefined).code).toBe('upstream_token_refused');
  });
});
