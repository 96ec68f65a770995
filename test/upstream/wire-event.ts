/** One event of a streamed answer, before it becomes bytes. */
export interface WireEvent {
  /** The `event:` line; absent in formats that have none. */
  name?: string;
  data: string;
  /** Header values beside those that every event of the format has. */
  headers?: Readonly<Record<string, string>>;
  /** `content` is what a person would see; `frame` surrounds it; `terminal` says that the answer is complete. */
  kind: 'frame' | 'content' | 'terminal';
}

/** A refusal or a complete answer. */
export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What the delivery needs to know about a dialect's streams. */
export interface StreamTraits {
  /** The error event inside a stream that has begun. */
  errorEvent: WireEvent;
  /** Harmless events that a real vendor mixes in. */
  chatter: string | Buffer;
  /** How an event becomes bytes, where it is not a server-sent event; asked once an event, in order. */
  frame?: (event: WireEvent) => string | Buffer;
  /** The format has no end event, so a stream is cut short only inside an event. */
  cutsInside?: boolean;
}
