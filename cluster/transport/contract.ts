/**
 * Bytes between nodes. Everything above is pure and runs over any transport: libp2p for real, memory in the simulator.
 * Calls come back through callbacks and never throw, so that the parts above need no promise and one step of the
 * simulator is one call.
 */
import type { Fault } from '../../kit/fault.ts';

/** Who a node is at the transport: a libp2p peer id as text. Survives restarts, since its key is on disk. */
export type PeerId = string;

/** What a transport tells. Called one at a time, never from inside a call to the transport. */
export interface TransportObserver {
  /** Frames may be sent to the peer from now on. */
  opened(peer: PeerId): void;
  /** The last way to the peer is gone; what had not arrived is lost. `reason` in words, without secrets. */
  closed(peer: PeerId, reason: string): void;
  /**
   * Frames of one connection come in the order in which they were sent, each at most once. Around a reconnect they may
   * overtake each other or be lost, so the parts above bear loss, repetition and any order.
   */
  frame(peer: PeerId, bytes: Uint8Array): void;
  /** The peer asks; `answer` is called at most once, at any later time. */
  question(peer: PeerId, bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void;
}

/** Counters since the start, for metrics and the bench. Plain numbers: read them at any rate. */
export interface TransportTraffic {
  framesSent: number;
  framesReceived: number;
  bytesSent: number;
  bytesReceived: number;
  /** Frames not sent because the peer's buffer was full or it was not connected. */
  framesDropped: number;
}

export interface Transport {
  readonly self: PeerId;
  readonly traffic: Readonly<TransportTraffic>;
  /** Listens. Rejects with a Fault (`mesh_port_taken`, `mesh_address_invalid`) when it cannot. */
  start(observer: TransportObserver): Promise<void>;
  /** Closes every connection and stops listening. Dials and questions under way end at once, as failed. */
  stop(): Promise<void>;
  /** Where others can dial it, as multiaddrs with its peer id; empty before `start`. */
  addresses(): readonly string[];
  /**
   * Connects to a multiaddr, with or without a peer id in it. `done` is called once, with who answered, or with a Fault:
   * `cluster_secret_mismatch`, `peer_unreachable`, `nothing_listens`, `dialled_self`, `peer_unexpected` (another peer than the address names).
   * A peer that is connected already counts as answered. A successful dial leads to `opened`, before or after `done`.
   */
  dial(address: string, done: (result: PeerId | Fault) => void): void;
  /** Ends the connection to a peer, if there is one; leads to `closed`. */
  close(peer: PeerId, reason: string): void;
  isOpen(peer: PeerId): boolean;
  /** Sends and forgets. False: not connected, or more than `peerBufferBytesMax` wait for the peer; the frame is dropped. */
  send(peer: PeerId, bytes: Uint8Array): boolean;
  /**
   * Asks on a lane of its own, so that large answers do not hold up frames. `done` is called once: with the answer, or
   * with undefined after `timeoutMs`, when the connection ends, or when the answer is too large.
   */
  ask(peer: PeerId, bytes: Uint8Array, timeoutMs: number, done: (answer: Uint8Array | undefined) => void): void;
}

/** Bounds that every transport holds, towards its peers and against them. */
export interface TransportLimits {
  /** A longer frame ends the connection. */
  readonly frameBytesMax: number;
  /** A longer question or answer is refused. */
  readonly askBytesMax: number;
  /** Bytes that may wait for one slow peer before frames to it are dropped. */
  readonly peerBufferBytesMax: number;
  /** Questions of one peer that may be under way; further ones go unanswered. */
  readonly questionsMax: number;
  /** Frames a second of one peer, averaged over ten seconds; past it the connection ends. */
  readonly framesPerSecondMax: number;
}
