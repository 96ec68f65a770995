import type { Answer, Part, StreamEvent } from './contract.ts';

/** A whole answer as the stream events that would have told it, for clients that stream from an upstream that does not. */
export function unfold(answer: Answer): StreamEvent[] {
  const events: StreamEvent[] = [{ type: 'start', id: answer.id, model: answer.model, usage: answer.usage }];
  for (const part of answer.parts) unfoldPart(part, events);
  events.push({ type: 'usage', usage: answer.usage });
  const finish: StreamEvent = { type: 'finish', reason: answer.finish };
  if (answer.stopSequence !== undefined) finish.stopSequence = answer.stopSequence;
  events.push(finish);
  return events;
}

function unfoldPart(part: Part, events: StreamEvent[]): void {
  switch (part.type) {
    case 'text':
      if (part.text !== '') events.push({ type: 'text', text: part.text });
      return;
    case 'thinking':
      if (part.text !== '') events.push({ type: 'thinking', text: part.text });
      if (part.signature !== undefined) events.push({ type: 'thinking_signature', signature: part.signature });
      return;
    case 'redacted_thinking':
      events.push({ type: 'redacted_thinking', data: part.data });
      return;
    case 'tool_call': {
      const start: StreamEvent = { type: 'tool_start', id: part.id, name: part.name };
      if (part.signature !== undefined) start.signature = part.signature;
      events.push(start, { type: 'tool_arguments', json: part.argumentsJson }, { type: 'tool_end' });
      return;
    }
    case 'image':
      if (part.data !== undefined) {
        events.push({ type: 'image', mediaType: part.mediaType ?? 'image/png', data: part.data });
      } else if (part.url !== undefined) events.push({ type: 'text', text: `![image](${part.url})` });
      return;
    default:
    // Documents, audio and tool results are never part of an answer.
  }
}
