import { describe, expect, it } from 'vitest';
import {
  absentSignature,
  exportSignature,
  importSignature,
  ownSignature,
  type SignatureOrigin,
} from '../../../node/conversation/signature.ts';

const dialects: SignatureOrigin[] = ['anthropic', 'gemini', 'openai'];

describe('signatures', () => {
  it.each(dialects.flatMap((origin) => dialects.map((client) => [origin, client] as const)))(
    'of %s survive a client of %s and reach no other upstream',
    (origin, client) => {
      const middle = importSignature(origin, 'EqQBCkYIBhgC+/==')!;
      const seen = exportSignature(client, middle);
      const back = importSignature(client, seen)!;
      for (const upstream of dialects) {
        expect(ownSignature(upstream, back)).toBe(upstream === origin ? 'EqQBCkYIBhgC+/==' : undefined);
      }
      if (client === origin) expect(seen).toBe('EqQBCkYIBhgC+/==');
    },
  );

  it('knows its own sign for none', () => {
    for (const dialect of dialects) expect(importSignature(dialect, absentSignature)).toBeUndefined();
    expect(importSignature('anthropic', '')).toBeUndefined();
    expect(exportSignature('anthropic', undefined)).toBeUndefined();
  });
});
