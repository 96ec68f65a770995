import type { Conversation, Part } from '../../../conversation/contract.ts';
import { protocolFaults } from '../../../protocols/faults.ts';
import type { OciApiFormat, OciChatTarget } from './contract.ts';

/**
 * The format that a model takes. Cohere's models take one without images, ids and thinking, unless they are made for
 * these. Throws a Fault (400) for an OCID whose format nobody has named.
 */
export function apiFormatOf(
  conversation: Conversation,
  target: Pick<OciChatTarget, 'model' | 'apiFormat'>,
): OciApiFormat {
  if (target.apiFormat !== undefined) return target.apiFormat;
  const model = target.model.toLowerCase();
  if (model.startsWith('ocid1.')) {
    throw protocolFaults.unsupported_field(
      "model: an OCID does not tell the model's family; set api_format of the account to GENERIC, COHERE or COHEREV2",
      { field: 'model' },
    );
  }
  if (!model.startsWith('cohere.')) return 'GENERIC';
  return /command-a-reasoning|vision/.test(model) || hasImages(conversation) ? 'COHEREV2' : 'COHERE';
}

function hasImages({ messages }: Conversation): boolean {
  return messages.some(({ parts }) => parts.some(isOrHoldsImage));
}

function isOrHoldsImage(part: Part): boolean {
  if (part.type === 'tool_result') return part.content.some(({ type }) => type === 'image');
  return part.type === 'image';
}
