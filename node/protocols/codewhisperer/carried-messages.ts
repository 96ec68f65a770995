import type {
  Message,
  Part,
  RedactedThinkingPart,
  TextPart,
  ThinkingPart,
  ToolResultPart,
} from '../../conversation/contract.ts';
import { ownSignature, signatureMark } from '../../conversation/signature.ts';
import { documentText, unsupported } from './carried-media.ts';

export interface CarriedMessages {
  readonly messages: Message[];
  /** Parts that are left out and reported. */
  readonly dropped: string[];
}

/**
 * The messages with nothing in them but what the format has a place for: text, images of the user, calls, results, and
 * thinking of its own making where it carries that (`keepsThinking`). System messages become reminders of the user's
 * turn. Throws `unsupported_field` for what must not be dropped.
 */
export function carriedMessages(messages: readonly Message[], keepsThinking: boolean): CarriedMessages {
  const dropped = new Set<string>();
  const carried = messages.map((message): Message => {
    if (message.role === 'system') return { role: 'user', parts: message.parts.flatMap(userPart).map(reminder) };
    if (message.role === 'user') return { role: 'user', parts: message.parts.flatMap(userPart) };
    const parts = message.parts.flatMap((part) => assistantPart(part, keepsThinking, dropped));
    // A thought without what came of it is no turn.
    return { role: 'assistant', parts: parts.every(isThought) ? [] : parts };
  });
  return { messages: carried, dropped: [...dropped] };
}

function isThought(part: Part): boolean {
  return part.type === 'thinking' || part.type === 'redacted_thinking';
}

function reminder(part: Part): Part {
  return part.type === 'text' ? { ...part, text: `<system-reminder>\n${part.text}\n</system-reminder>` } : part;
}

function userPart(part: Part): Part[] {
  switch (part.type) {
    case 'text':
      return whole(part);
    case 'document':
      return [documentText(part)];
    case 'tool_result':
      return [wholeResult(part)];
    case 'audio':
      throw unsupported('audio cannot be carried to this model');
    case 'image':
      return [part];
    default:
      // Calls and thoughts are the assistant's alone.
      return [];
  }
}

function wholeResult(result: ToolResultPart): ToolResultPart {
  const content = result.content.flatMap((part): ToolResultPart['content'] =>
    part.type === 'document' ? [documentText(part)] : part.type === 'text' ? whole(part) : [part],
  );
  return { ...result, content };
}

function assistantPart(part: Part, keepsThinking: boolean, dropped: Set<string>): Part[] {
  switch (part.type) {
    case 'text':
      return whole(part);
    case 'tool_call':
      return [part];
    case 'thinking':
    case 'redacted_thinking': {
      const thought = keepsThinking ? ownThought(part) : undefined;
      if (thought === undefined) dropped.add('messages.thinking');
      return thought === undefined ? [] : [thought];
    }
    case 'document':
      return [documentText(part)];
    case 'image':
      dropped.add('messages.image');
      return [{ type: 'text', text: '(an image)' }];
    default:
      throw unsupported(`${part.type.replace('_', ' ')} cannot be carried in an answer of this model`);
  }
}

/** Signatures of others are refused. */
function ownThought(part: ThinkingPart | RedactedThinkingPart): Part | undefined {
  if (part.type === 'redacted_thinking') return part.data.startsWith(signatureMark) ? undefined : part;
  const signature = ownSignature('anthropic', part.signature);
  return signature === undefined ? undefined : { type: 'thinking', text: part.text, signature };
}

/** Empty texts say nothing, and the service refuses them. */
function whole(part: TextPart): TextPart[] {
  return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }];
}
