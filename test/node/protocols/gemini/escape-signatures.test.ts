import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { protocolFaults } from '../../../../node/protocols/faults.ts';
import { escapeSignatures, isAboutSignatures } from '../../../../node/protocols/gemini/escape-signatures.ts';

const escape = 'skip_thought_signature_validator';
const call = (name: string, more: JsonObject = {}): JsonObject => ({ functionCall: { name, args: {} }, ...more });

describe('signatures of another model', () => {
  it('give way to the escape value on the first call of each step, and go elsewhere', () => {
    const body: JsonObject = {
      contents: [
        { role: 'user', parts: [{ text: 'thoughtSignature' }] },
        {
          role: 'model',
          parts: [{ text: 'hm', thoughtSignature: 'x' }, call('a', { thought_signature: 'y' }), call('b', { thoughtSignature: 'z' })],
        },
        { role: 'model', parts: [call('c')] },
      ],
    }; // prettier-ignore
    expect(escapeSignatures(body)).toBe(true);
    expect(body).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'thoughtSignature' }] },
        { role: 'model', parts: [{ text: 'hm' }, call('a', { thoughtSignature: escape }), call('b')] },
        { role: 'model', parts: [call('c', { thoughtSignature: escape })] },
      ],
    });
    expect(escapeSignatures(body)).toBe(false);
  });

  it.each([{}, { contents: 'text' }, { contents: [1, { parts: null }, { parts: ['x'] }] }])(
    'leaves %j as it is',
    (body) => {
      expect(escapeSignatures(body as JsonObject)).toBe(false);
    },
  );

  it.each([
    ['Corrupted thought signature.', true],
    ['Function call is missing a thought_signature in functionCall parts.', true],
    ['Request contains an invalid argument.', false],
  ])('are what "%s" is about: %s', (message, isAbout) => {
    expect(isAboutSignatures(protocolFaults.upstream_rejected(message))).toBe(isAbout);
    expect(isAboutSignatures(protocolFaults.upstream_error(message))).toBe(false);
  });
});
