import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import type { Conversation } from '../../../../node/conversation/contract.ts';
import type { CodewhispererTraits } from '../../../../node/protocols/codewhisperer/contract.ts';
import { encodeRequest } from '../../../../node/protocols/codewhisperer/encode-request.ts';
import { amazonqService } from '../../../upstream/amazonq/amazonq.ts';
import { complaintOfBody } from '../../../upstream/codewhisperer/complaint-of.ts';
import type { Service } from '../../../upstream/codewhisperer/service.ts';
import { assistantModels } from '../../../upstream/codewhisperer/start.ts';
import { kiroService } from '../../../upstream/kiro/kiro.ts';
import { anyConversation } from './conversation-arbitrary.ts';
import { amazonq, kiro, runtime } from './encoded.ts';

const cases: [string, CodewhispererTraits, Service][] = [
  ['Amazon Q', amazonq, amazonqService()],
  ['Kiro', kiro, kiroService(false)],
  ["Kiro's new host", runtime, kiroService(true)],
];

/** Made-up signatures are refused by rights. */
function withoutThoughts(conversation: Conversation): Conversation {
  const messages = conversation.messages.map((message) => ({
    ...message,
    parts: message.parts.filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking'),
  }));
  return { ...conversation, messages };
}

/** The body's text; undefined where the encoder refuses the conversation. */
function encoded(conversation: Conversation, traits: CodewhispererTraits): string | undefined {
  try {
    return JSON.stringify(encodeRequest(conversation, traits, 200_000).body);
  } catch (error) {
    if (isFault(error) && error.source === 'client') return undefined;
    throw error;
  }
}

describe.each(cases)('the stand-in of %s', (_name, traits, service) => {
  it('takes whatever the encoder writes', () => {
    let taken = 0;
    fc.assert(
      fc.property(anyConversation, (given) => {
        const text = encoded(withoutThoughts(given), traits);
        if (text === undefined) return;
        taken++;
        expect(complaintOfBody(text, service, assistantModels)).toBeUndefined();
      }),
      { numRuns: 400 },
    );
    expect(taken).toBeGreaterThan(200);
  });
});
