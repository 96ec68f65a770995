import type { PeerId, TransportObserver } from '../../cluster/transport/contract.ts';

/** Writes down what a transport tells, and answers questions. */
export class TransportRecorder implements TransportObserver {
  readonly opens: PeerId[] = [];
  readonly closes: { readonly peer: PeerId; readonly reason: string }[] = [];
  readonly frames: { readonly peer: PeerId; readonly bytes: Uint8Array }[] = [];
  readonly questions: { readonly peer: PeerId; readonly bytes: Uint8Array }[] = [];
  /** Everything in the order in which it was told. */
  readonly events: string[] = [];
  /** What to do with a question; by default it is answered with its own bytes. */
  onQuestion: (bytes: Uint8Array, answer: (bytes: Uint8Array) => void) => void = (bytes, answer) => answer(bytes);

  opened(peer: PeerId): void {
    this.opens.push(peer);
    this.events.push('opened');
  }

  closed(peer: PeerId, reason: string): void {
    this.closes.push({ peer, reason });
    this.events.push('closed');
  }

  frame(peer: PeerId, bytes: Uint8Array): void {
    this.frames.push({ peer, bytes });
    this.events.push('frame');
  }

  question(peer: PeerId, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    this.questions.push({ peer, bytes });
    this.events.push('question');
    this.onQuestion(bytes, answer);
  }

  /** Frames as text, in the order of their coming. */
  texts(): string[] {
    return this.frames.map(({ bytes }) => new TextDecoder().decode(bytes));
  }
}
