/** A call of a tool as its events, and as what they are told as. */
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import type { ReadingContext } from '../../../../node/protocols/codewhisperer/contract.ts';
import { decode, tool } from './frames.ts';

export const id = 'tooluse_Vt3kQ9aXRr2n';
export const opening = tool({ name: 'read_file', toolUseId: id });
export const pieces = [
  tool({ name: 'read_file', toolUseId: id, input: '{"path":"docs/noti' }),
  tool({ name: 'read_file', toolUseId: id, input: 'ces.md"}' }),
];
export const stop = tool({ name: 'read_file', toolUseId: id, stop: true });

/** What a call of this name and input is told as. */
export function call(json: string, callId = id, name = 'read_file'): StreamEvent[] {
  return [{ type: 'tool_start', id: callId, name }, { type: 'tool_arguments', json }, { type: 'tool_end' }];
}

export const finish = (reason: string) => ({ type: 'finish', reason });
export const says = (text: string) => ({ type: 'text', text });
export const thinks = (text: string) => ({ type: 'thinking', text });

export function faultIn(frames: readonly Uint8Array[], context: Partial<ReadingContext> = {}) {
  const last = decode(frames, context).at(-1);
  if (last?.type !== 'fault') throw new Error(`ended with ${last?.type}`);
  return last.fault;
}
