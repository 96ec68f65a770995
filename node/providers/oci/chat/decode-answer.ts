import { fold } from '../../../conversation/fold.ts';
import type { Answer, StreamEvent } from '../../../conversation/contract.ts';
import { protocolFaults } from '../../../protocols/faults.ts';
import { readAnswerEvent } from './answer-event.ts';
import type { ReadingContext } from './contract.ts';
import { finishEvent, isFailure } from './finish-reason.ts';
import { faultOfError } from './stream-fault.ts';

/**
 * Reads a whole answer, of which any part may be missing. Throws `upstream_bad_answer` for what is no answer at all,
 * and the upstream's own error when a 200 holds one.
 */
export function decodeAnswer(body: Buffer, context: ReadingContext): Answer {
  const event = readAnswerEvent(body.toString());
  const { content, finishReason } = event;
  if (!answerMembers.some((member) => content[member] !== undefined)) {
    throw protocolFaults.upstream_bad_answer('the upstream answered without a message, text or finishReason');
  }
  if (isFailure(finishReason)) throw faultOfError({ message: event.errorMessage ?? `finishReason ${finishReason}` });
  const events: StreamEvent[] = [{ type: 'start', id: event.id || context.id, model: event.model || context.model }];
  const reader = context.openContent();
  reader.read(content, events);
  reader.end(events);
  if (event.usage !== undefined) events.push({ type: 'usage', usage: event.usage });
  events.push(finishEvent(finishReason, reader.saw, context.stop));
  return fold(events);
}

const answerMembers = ['message', 'text', 'toolCalls', 'finishReason'];
