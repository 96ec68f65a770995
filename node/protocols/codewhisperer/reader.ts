import { type Clock, systemClock } from '../../../kit/clock.ts';
import type { Answer, StreamEvent } from '../../conversation/contract.ts';
import { fold } from '../../conversation/fold.ts';
import type { CodewhispererReader, ReadingContext } from './contract.ts';
import { faultOf } from './read-fault.ts';
import { EventReader } from './read-events.ts';
import { CodewhispererStreamDecoder } from './stream-decoder.ts';

export interface ReaderOptions {
  readonly clock?: Clock;
  /** The account's own quota reset, Unix ms, as it is known at the moment. */
  readonly quotaResetAtMs?: () => number | undefined;
}

/** Reads the answers of one account. */
export function makeCodewhispererReader({
  clock = systemClock,
  quotaResetAtMs,
}: ReaderOptions = {}): CodewhispererReader {
  const openDecoder = (reading: ReadingContext, id: string) => {
    const timing = () => ({ nowMs: clock.nowMs(), quotaResetAtMs: quotaResetAtMs?.() });
    const reader = new EventReader(reading, id, (complaint) => faultOf(complaint, timing()));
    return new CodewhispererStreamDecoder(reader, reading.stop);
  };
  return { openDecoder, decodeAnswer: (body, reading, id) => decodeWhole(openDecoder(reading, id), body) };
}

/** A whole body is the stream at once; the service has no other form. Throws the Fault that it ends with. */
function decodeWhole(decoder: CodewhispererStreamDecoder, body: Buffer): Answer {
  const events: StreamEvent[] = [];
  decoder.push(body, events);
  decoder.end(events);
  return fold(events);
}
