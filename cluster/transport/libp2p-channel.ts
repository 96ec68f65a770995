import type { Connection, Stream } from '@libp2p/interface';
import type { Clock, Timer } from '../../kit/clock.ts';
import { Allowance } from './allowance.ts';
import { askHeadBytesMax, decodeAskMessage } from './ask-message.ts';
import type { TransportLimits } from './contract.ts';
import { LengthPrefixedReader, withLength } from './length-prefixed.ts';
import { eachChunk, Libp2pLane, sendOn } from './libp2p-lane.ts';
import { Offence } from './offence.ts';
import { QuestionsAsked } from './questions-asked.ts';
import { QuestionsServed } from './questions-served.ts';
import { SlowReader } from './slow-reader.ts';

export const framesProtocol = '/aiproxy/frames/1';
export const asksProtocol = '/aiproxy/asks/1';

/** Bytes of the token that opens every stream of frames: who writes names the run of its link (see `Libp2pLink`). */
export const tokenBytes = 8;

/** Both sides have opened their streams by then, or the connection is of no use. */
const setUpMs = 5000;

export interface ChannelObserver {
  /** The other side's token came. */
  introduced(token: string): void;
  /** Both sides can be spoken to. */
  ready(): void;
  frame(bytes: Uint8Array): void;
  question(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void;
  /** It is over, whoever ended it. */
  ended(channel: Libp2pChannel, error: Error): void;
}

export interface ChannelOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly token: Uint8Array;
  readonly observer: ChannelObserver;
}

/**
 * What goes over one connection: a lane of frames and a lane of questions each way.
 *
 *     this node ── frames: token, frame, frame … ──▶ peer        peer ── the same ──▶ this node
 *               ── asks: question … ◀── answer … ──
 */
export class Libp2pChannel {
  readonly openedMs: number;
  /** Set by the link that the channel is in. */
  observer: ChannelObserver;
  /** The other side's token, once it came. */
  token: string | undefined;
  /** Resolves once the connection is closed; at once while nobody closes it. */
  closing: Promise<void> = Promise.resolve();
  readonly #options: ChannelOptions;
  readonly #frames: Libp2pLane;
  readonly #asks: Libp2pLane;
  readonly #asked: QuestionsAsked;
  readonly #served: QuestionsServed;
  readonly #allowance: Allowance;
  /** Streams that wait for the channel to be ready. */
  readonly #paused = new Set<Stream>();
  /** Frames that came with the token, before this side was ready: those of one read at most, since reading pauses. */
  #early: Uint8Array[] = [];
  #settingUp: Timer | undefined;
  #isReady = false;
  #isEnded = false;

  constructor(options: ChannelOptions) {
    const { connection, clock, limits, token } = options;
    this.#options = options;
    this.observer = options.observer;
    this.openedMs = clock.monotonicMs();
    this.#allowance = new Allowance(clock, limits.framesPerSecondMax);
    this.#asked = new QuestionsAsked(clock, (bytes) => this.#asks.send(bytes));
    this.#served = new QuestionsServed(clock, limits);
    const answers = new LengthPrefixedReader(limits.askBytesMax + askHeadBytesMax, (message) =>
      this.#answered(message),
    );
    const lane = {
      connection,
      clock,
      bufferBytesMax: limits.peerBufferBytesMax,
      onFailed: (error: Error) => this.end(error),
    };
    this.#frames = new Libp2pLane({
      ...lane,
      protocol: framesProtocol,
      onData: () => this.end(new Offence('it wrote where nothing is read')),
      onOpen: () => {
        this.#frames.send(withLength(token));
        this.#becomeReady();
      },
    });
    this.#asks = new Libp2pLane({
      ...lane,
      protocol: asksProtocol,
      onData: (chunk) => this.#check(answers.push(chunk)),
      onOpen: () => this.#becomeReady(),
    });
  }

  get connection(): Connection {
    return this.#options.connection;
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isEnded;
  }

  /** Whether questions are under way, in either direction. */
  get isBusy(): boolean {
    return this.#asked.size + this.#served.size > 0;
  }

  open(): void {
    this.connection.addEventListener('close', ({ error }) => {
      this.end(error instanceof Offence ? error : new Error('the connection broke'));
    });
    this.#settingUp = this.#options.clock.after(setUpMs, () => this.end(new Offence('it did not introduce itself')));
    this.#frames.open();
    this.#asks.open();
  }

  send(frame: Uint8Array): boolean {
    return this.#frames.send(withLength(frame));
  }

  ask(bytes: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): void {
    this.#asked.ask(bytes, timeoutMs, done);
  }

  /** The peer opened its stream of frames. */
  acceptFrames(stream: Stream): void {
    let isIntroduced = false;
    const reader = new LengthPrefixedReader(this.#options.limits.frameBytesMax, (message) => {
      if (isIntroduced) return this.#frame(message);
      isIntroduced = true;
      if (message.length !== tokenBytes) return this.#offend('it did not introduce its stream');
      this.#introduced(Buffer.from(message).toString('hex'), stream);
      return !this.#isEnded;
    });
    this.#listen(stream, reader);
  }

  /** The peer opened its stream of questions. */
  acceptAsks(stream: Stream): void {
    const slowness = new SlowReader(this.#options.clock, this.#options.limits.peerBufferBytesMax);
    const reply = (bytes: Uint8Array) => {
      if (this.#isEnded || stream.writeStatus !== 'writable') return false;
      const verdict = slowness.judge(stream);
      if (verdict instanceof Offence) this.end(verdict);
      return verdict === true && sendOn(stream, bytes);
    };
    const sizeMax = this.#options.limits.askBytesMax + askHeadBytesMax;
    if (!this.#isReady) this.#pause(stream);
    this.#listen(stream, new LengthPrefixedReader(sizeMax, (message) => this.#questioned(message, reply)));
  }

  /** Ends it, and with it the connection: at once after an offence, else once what waits was written. */
  end(error: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    void this.#asks.end();
    this.#early = [];
    this.#paused.clear();
    this.#asked.end();
    this.#served.end();
    this.#settingUp?.cancel();
    this.closing = this.#closeConnection(error);
    this.observer.ended(this, error);
  }

  async #closeConnection(error: Error): Promise<void> {
    const { connection } = this.#options;
    try {
      const isHostile = error instanceof Offence;
      await this.#frames.end(!isHostile && connection.status === 'open');
      if (isHostile) connection.abort(error);
      else await connection.close();
    } catch {
      // It could not be closed in good order in time.
      connection.abort(error);
    }
  }

  #becomeReady(): void {
    if (this.#isReady || this.#isEnded || this.token === undefined) return;
    if (!this.#frames.isOpen || !this.#asks.isOpen) return;
    this.#isReady = true;
    this.#settingUp?.cancel();
    this.observer.ready();
    for (const frame of this.#early) this.observer.frame(frame);
    this.#early = [];
    for (const stream of this.#paused) if (stream.readStatus === 'paused') stream.resume();
    this.#paused.clear();
  }

  #introduced(token: string, stream: Stream): void {
    if (this.token === undefined) {
      this.token = token;
      this.observer.introduced(token);
      this.#becomeReady();
    } else if (this.token !== token) {
      this.#offend('it changed its name');
    }
    if (!this.#isReady && !this.#isEnded) this.#pause(stream);
  }

  #frame(message: Uint8Array): boolean {
    if (!this.#allowance.take()) return this.#offend('it sends too many frames');
    if (this.#isReady) this.observer.frame(message);
    else this.#early.push(message);
    return !this.#isEnded;
  }

  #questioned(message: Uint8Array, reply: (bytes: Uint8Array) => boolean): boolean {
    if (!this.#allowance.take()) return this.#offend('it asks too many questions');
    const question = decodeAskMessage(message);
    if (question?.kind !== 'question') return this.#offend('it sent no question where one belongs');
    const answer = this.#served.take(question, reply);
    if (answer !== undefined) this.observer.question(question.bytes, answer);
    return !this.#isEnded;
  }

  #answered(message: Uint8Array): boolean {
    return this.#asked.receive(message) || this.#offend('it sent no answer where one belongs');
  }

  #listen(stream: Stream, reader: LengthPrefixedReader): void {
    stream.addEventListener('message', ({ data }) => {
      if (!this.#isEnded) eachChunk(data, (chunk) => this.#check(reader.push(chunk)));
    });
    // The other side has said all it had to say here, and waits for this to know that it was read.
    stream.addEventListener('remoteCloseWrite', () => stream.abort(new Error('the other side closed it')));
  }

  #pause(stream: Stream): void {
    if (stream.readStatus !== 'readable') return;
    stream.pause();
    this.#paused.add(stream);
  }

  #check(refusal: 'too_long' | 'stopped' | undefined): void {
    if (refusal === 'too_long') this.#offend('it sent a message too long');
  }

  #offend(reason: string): false {
    this.end(new Offence(reason));
    return false;
  }
}
