import type { Fault } from '../../../kit/fault.ts';

/**
 * Carries one upstream answer to the client. Fed by `send`; a failure is thrown as a Fault from `data` or `end` and
 * ends the attempt, which may then be repeated as long as nothing was committed to the client.
 */
export interface Relay {
  data(chunk: Buffer): void;
  /** The upstream closed its answer cleanly. */
  end(): void;
  /** True once the answer is complete, so that a connection that breaks afterwards does no harm. */
  readonly isComplete: boolean;
  /** True: what the upstream may still send is of no use, and its call is ended. */
  readonly isOver?: boolean;
  /** The cap on holding back the head has passed: commit what is there. */
  commitEarly(): void;
  /** What the answer says about the account although it is relayed as it is (an error on the transparent route). */
  readonly fault?: Fault | undefined;
  /** Text to send while the upstream is silent; only asked for after the commit. */
  readonly keepAlive: string;
  /** Writes what is known of the usage so far into the call: the client left, or the answer broke off. */
  noteUsage(): void;
  /**
   * Tokens of what was relayed so far, by an estimate; asked only where the upstream did not count them, so that until
   * then hardly anything is spent on it. Absent: what is relayed is nothing that a model wrote, or is not known.
   */
  estimateOutput?(): number;
  /** Closing text after a commit that tells the client of a failure. */
  failureText(fault: Fault): string;
}

/** What relays may do at the client's side. Writing applies backpressure to the upstream. */
export interface ClientSink {
  commitStream(contentType: string): void;
  commitRaw(status: number, headers: readonly string[]): void;
  write(bytes: Buffer | string): void;
  sendWhole(body: Buffer | string): void;
  endStream(closing: string): void;
  /** The wait for content is over: the first byte of the answer proper. */
  readonly isCommitted: boolean;
}
