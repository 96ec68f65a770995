import { describe, expect, it } from 'vitest';
import undici from 'undici';
import { Client, Pool } from '../../../node/forward/undici.ts';

describe('the clients taken out of undici', () => {
  it('are those that undici exports', () => {
    expect(Client).toBe(undici.Client);
    expect(Pool).toBe(undici.Pool);
  });
});
