import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../kit/log.ts';
import { Authenticator } from '../../../node/auth/authenticator.ts';
import type { CredentialSource, Principal } from '../../../node/auth/contract.ts';
import { CurrentSource } from '../../../node/auth/current-source.ts';
import { principal } from '../../../node/auth/principal.ts';
import { RecordsAtStart } from '../../../node/auth/records-at-start.ts';
import { ManualClock } from '../../manual-clock.ts';

const key = `aip_${'k'.repeat(43)}`;

/** A member that comes back: it has a key on its disk that was revoked while it was away. */
function comingBack() {
  const clock = new ManualClock();
  const told: (() => void)[] = [];
  let holder: Principal | undefined = principal('key_1', 'user');
  const source: CredentialSource = { revision: 0, find: (credential) => (credential === key ? holder : undefined) };
  const records = new RecordsAtStart({
    records: { whenCurrent: (listener) => void told.push(listener) },
    clock,
    log: silentLog,
  });
  const verifier = new Authenticator([new CurrentSource(source, records)], clock);
  records.start();
  return {
    clock,
    verifier,
    revoke: () => (holder = undefined),
    compared: () => {
      for (const tell of told) tell();
    },
  };
}

describe('right after the start of a member', () => {
  it('a key is not judged by records of before', async () => {
    const { verifier, revoke, compared } = comingBack();
    expect(verifier.verify(key)).toBeUndefined();
    const learning = verifier.learn(key);
    revoke();
    compared();
    await learning;
    expect(verifier.verify(key)).toBeUndefined();
  });

  it('a key that is still good waits until the records are there, and no longer', async () => {
    const { verifier, compared } = comingBack();
    const learning = verifier.learn(key);
    expect(learning).toBeInstanceOf(Promise);
    compared();
    await learning;
    expect(verifier.verify(key)?.id).toBe('key_1');
    expect(verifier.learn(key)).toBeUndefined();
  });

  it('nobody waits longer than five seconds for a member that cannot be reached', async () => {
    const { clock, verifier } = comingBack();
    const learning = verifier.learn(key);
    clock.advance(5_000);
    await learning;
    expect(verifier.verify(key)?.id).toBe('key_1');
  });

  it('what cannot be a key of ours does not wait', () => {
    const { verifier } = comingBack();
    expect(verifier.learn('sk-anything')).toBeUndefined();
  });
});
