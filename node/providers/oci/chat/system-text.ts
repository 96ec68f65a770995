import type { Part, TextPart } from '../../../conversation/contract.ts';
import { isBillingHeader } from '../../../protocols/openai-chat/encode-messages.ts';

/** Instructions as one text, '' when there are none. */
export function systemText(parts: readonly TextPart[]): string {
  return joinTexts(
    parts.filter((part) => !isBillingHeader(part)),
    '\n\n',
  );
}

/** The texts of these parts as one. */
export function joinTexts(parts: readonly Part[], separator: string): string {
  const texts = parts.flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []));
  return texts.join(separator).toWellFormed();
}
