import type { Framing } from '../../protocols/contract.ts';

export function streamContentType(framing: Framing): string {
  return framing === 'sse' ? 'text/event-stream; charset=utf-8' : 'application/json; charset=utf-8';
}
