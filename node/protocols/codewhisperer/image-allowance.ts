import type { Message, Part } from '../../conversation/contract.ts';
import { unsupported } from './carried-media.ts';

/** Images in one request: what Amazon Q's own client sends at most. */
export const imagesMax = 10;

/**
 * The messages with the newest images alone, where there are more than the service takes: a long conversation goes on,
 * with a note in place of each old one. Throws `unsupported_field` when the last message alone has too many.
 */
export function withinImageAllowance(messages: readonly Message[]): { messages: Message[]; isCut: boolean } {
  let isCut = false;
  let left = imagesMax;
  const kept = messages.toReversed().map(({ role, parts }, fromEnd): Message => {
    const fitting = parts.toReversed().flatMap((part) => mapImages(part, allow));
    if (fromEnd === 0 && isCut) throw unsupported(`more than ${imagesMax} images in one message`);
    return { role, parts: fitting.toReversed() };
  });
  return { messages: kept.toReversed(), isCut };

  function allow(): boolean {
    left--;
    if (left < 0) isCut = true;
    return left >= 0;
  }
}

const note = { type: 'text', text: '(an earlier image, left out)' } as const;

function mapImages(part: Part, allow: () => boolean): Part[] {
  if (part.type === 'image') return [allow() ? part : note];
  if (part.type !== 'tool_result') return [part];
  const content = part.content.toReversed().map((inner) => (inner.type === 'image' && !allow() ? note : inner));
  return [{ ...part, content: content.toReversed() }];
}
