import type { Conversation, Message, Part, StreamEvent, Usage } from '../../node/conversation/contract.ts';

/** A conversation of one question, with what a test adds. */
export function conversation(model: string, text: string, more: Partial<Conversation> = {}): Conversation {
  return {
    model,
    system: [],
    messages: [{ role: 'user', parts: [{ type: 'text', text }] }],
    tools: [],
    stop: [],
    stream: false,
    dropped: [],
    ...more,
  };
}

export const lookup = {
  name: 'lookup_lake',
  description: 'Facts about a lake.',
  schema: {
    type: 'object',
    properties: { lake: { type: 'string' }, depth: { type: 'integer' } },
    required: ['lake', 'depth'],
  },
};
export const weather = {
  name: 'weather',
  description: 'Weather at a place.',
  schema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

/** One pixel. */
export const pngBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A question, the calls that answered it, and their results. */
export function toolTurn(calls: Part[], results: Part[]): Message[] {
  return [
    { role: 'user', parts: [{ type: 'text', text: 'How deep is the lake?' }] },
    { role: 'assistant', parts: calls },
    { role: 'user', parts: results },
  ];
}

/** Text of all events of one kind, joined. */
export function joined(events: readonly StreamEvent[], type: 'text' | 'thinking'): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('');
}

/** The last usage of a stream. */
export function lastUsage(events: readonly StreamEvent[]): Usage | undefined {
  const found = events.findLast(
    (event) => event.type === 'usage' || (event.type === 'start' && event.usage !== undefined),
  );
  return found?.type === 'usage' || found?.type === 'start' ? found.usage : undefined;
}

export interface StreamedCall {
  id: string;
  name: string;
  input: unknown;
}

/** The tool calls of a stream, their arguments parsed. */
export function callsOf(events: readonly StreamEvent[]): StreamedCall[] {
  const calls: (StreamedCall & { json: string })[] = [];
  for (const event of events) {
    if (event.type === 'tool_start') calls.push({ id: event.id, name: event.name, input: undefined, json: '' });
    const last = calls.at(-1);
    if (event.type === 'tool_arguments' && last !== undefined) last.json += event.json;
  }
  return calls.map(({ id, name, json }) => ({ id, name, input: JSON.parse(json === '' ? '{}' : json) as unknown }));
}

/** Neighbouring deltas of one kind as one, so that streams cut differently can be compared. */
export function merged(events: readonly StreamEvent[]): StreamEvent[] {
  const out: StreamEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (last?.type === 'text' && event.type === 'text')
      out[out.length - 1] = { type: 'text', text: last.text + event.text };
    else if (last?.type === 'thinking' && event.type === 'thinking')
      out[out.length - 1] = { type: 'thinking', text: last.text + event.text };
    else if (last?.type === 'tool_arguments' && event.type === 'tool_arguments')
      out[out.length - 1] = { type: 'tool_arguments', json: last.json + event.json };
    else if (!(last?.type === 'usage' && event.type === 'usage')) out.push(event);
    else out[out.length - 1] = event;
  }
  return out;
}
