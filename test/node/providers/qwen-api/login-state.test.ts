import { describe, expect, it } from 'vitest';
import { LoginState } from '../../../../node/providers/qwen-api/login-state.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { GivenToken } from '../../../suites/given-token.ts';

function open() {
  const token = new GivenToken('a');
  const clock = new ManualClock();
  const state = new LoginState(token, clock);
  const send = (times = 1) => {
    for (let sent = 0; sent < times; sent++) state.sending(token.accessToken ?? '');
  };
  const refuse = () => state.refused(401).code;
  return { token, clock, state, send, refuse };
}

describe('a login whose token is refused', () => {
  it('is refreshed, and is no more when a new token is refused that never served', () => {
    const { token, send, refuse } = open();
    send();
    expect(refuse()).toBe('upstream_token_refused');
    token.accessToken = 'b';
    send();
    expect(refuse()).toBe('upstream_not_entitled');
  });

  it('is refreshed again when the token had served', () => {
    const { token, state, send, refuse } = open();
    send();
    expect(refuse()).toBe('upstream_token_refused');
    token.accessToken = 'b';
    send();
    state.served();
    send();
    expect(refuse()).toBe('upstream_token_refused');
  });

  it('is asked for one refresh by many requests with one token', () => {
    const { send, refuse } = open();
    send(5);
    expect(Array.from({ length: 5 }, refuse)).toEqual(Array.from({ length: 5 }, () => 'upstream_token_refused'));
  });

  it('outlives refusals of the old token that come after the new one', () => {
    const { token, state, send, refuse } = open();
    send(3);
    expect(refuse()).toBe('upstream_token_refused');
    token.accessToken = 'b';
    send();
    expect([refuse(), refuse()]).toEqual(['upstream_token_refused', 'upstream_token_refused']);
    state.served();
    send();
    expect(refuse()).toBe('upstream_token_refused');
  });

  it('is no more in spite of requests that never got an answer', () => {
    const { token, clock, send, refuse } = open();
    send(3);
    expect(refuse()).toBe('upstream_token_refused');
    token.accessToken = 'b';
    send();
    clock.advance(300_001);
    expect(refuse()).toBe('upstream_not_entitled');
  });

  it('does not count errors of other kinds against it', () => {
    const { token, state, send, refuse } = open();
    send(2);
    expect(refuse()).toBe('upstream_token_refused');
    token.accessToken = 'b';
    send();
    state.failed();
    expect(refuse()).toBe('upstream_not_entitled');
  });
});
