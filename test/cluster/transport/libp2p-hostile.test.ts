import { randomBytes } from 'node:crypto';
import type { Stream } from '@libp2p/interface';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeAnswer, encodeQuestion } from '../../../cluster/transport/ask-message.ts';
import { asksProtocol, framesProtocol } from '../../../cluster/transport/libp2p-channel.ts';
import { Libp2pTransport } from '../../../cluster/transport/libp2p.ts';
import { withLength } from '../../../cluster/transport/length-prefixed.ts';
import { transportLimits } from '../../../cluster/transport/limits.ts';
import { systemClock, type Clock } from '../../../kit/clock.ts';
import { systemRandom } from '../../../kit/random.ts';
import { TransportRecorder } from '../../suites/transport-recorder.ts';
import { freshKey, prologue, until } from './libp2p-network.ts';
import { LogLines } from './log-lines.ts';
import { RawPeer, sessionOf } from './raw-peer.ts';

const limits = { ...transportLimits, framesPerSecondMax: 20, frameBytesMax: 200_000, peerBufferBytesMax: 500_000 };

describe('a peer that has the secret and means harm', () => {
  let transport: Libp2pTransport;
  let heard: TransportRecorder;
  let lines: LogLines;
  let aheadMs: number;
  const peers: RawPeer[] = [];

  beforeEach(async () => {
    aheadMs = 0;
    const clock: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
    lines = new LogLines();
    transport = new Libp2pTransport({
      clock,
      random: systemRandom,
      log: lines.log,
      key: freshKey(),
      prologue,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      limits,
    });
    heard = new TransportRecorder();
    await transport.start(heard);
  });
  afterEach(async () => {
    await Promise.all([...peers.splice(0).map((peer) => peer.stop()), transport.stop()]);
  });

  const address = () => transport.addresses()[0] ?? '';
  const rawPeer = async (options?: Parameters<typeof RawPeer.start>[0]) => {
    const peer = await RawPeer.start(options);
    peers.push(peer);
    return peer;
  };
  const join = async (options?: Parameters<typeof RawPeer.start>[0]) => {
    const peer = await rawPeer(options);
    const joined = await peer.join(address());
    await until(() => heard.opens.includes(peer.id));
    return { peer, ...joined };
  };
  const expectDropped = async (peer: RawPeer, reason: RegExp) => {
    await until(() => heard.closes.length > 0 && peer.connections.length === 0);
    expect(heard.closes).toEqual([{ peer: peer.id, reason: expect.stringMatching(reason) }]);
    expect(lines.warnings).toEqual([{ message: expect.stringMatching(reason), fields: { peer: peer.id } }]);
  };

  test('is dropped for the announcement of a frame too long', async () => {
    const { peer, frames } = await join();
    frames.send(Uint8Array.of(0, 3, 0x0d, 0x41));
    await expectDropped(peer, /too long/);
  });

  test('is dropped for a garbage length', async () => {
    const { peer, frames } = await join();
    frames.send(Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc, 1, 2, 3));
    await expectDropped(peer, /too long/);
  });

  test('is dropped for too many frames, however small', async () => {
    const { peer, frames } = await join();
    for (let index = 0; index < 300; index++) frames.send(withLength(new Uint8Array()));
    await expectDropped(peer, /too many frames/);
    expect(heard.frames.length).toBeLessThanOrEqual(limits.framesPerSecondMax * 11);
  });

  test('is dropped for too many questions', async () => {
    const { peer, connection } = await join();
    const asks = await connection.newStream(asksProtocol);
    for (let index = 0; index < 300; index++) asks.send(encodeQuestion(index, 1000, new Uint8Array(1)));
    await expectDropped(peer, /too many questions/);
  });

  test('is dropped for a question that is none, and for one too long', async () => {
    const first = await join();
    (await first.connection.newStream(asksProtocol)).send(encodeAnswer(1, new Uint8Array(3)));
    await expectDropped(first.peer, /no question/);
    heard.closes.length = 0;
    lines.warnings.length = 0;
    const second = await join();
    (await second.connection.newStream(asksProtocol)).send(Uint8Array.of(0x7f, 0, 0, 0));
    await expectDropped(second.peer, /too long/);
  });

  test('is dropped for an answer that is none, and for bytes on the stream of frames it does not own', async () => {
    const first = await join();
    first.peer.opened.find(({ protocol }) => protocol === asksProtocol)?.send(withLength(Uint8Array.of(1, 2)));
    await expectDropped(first.peer, /no answer/);
    heard.closes.length = 0;
    lines.warnings.length = 0;
    const second = await join();
    second.peer.opened.find(({ protocol }) => protocol === framesProtocol)?.send(Uint8Array.of(1));
    await expectDropped(second.peer, /where nothing is read/);
  });

  test('is dropped for an answer too long', async () => {
    const { peer } = await join();
    peer.opened.find(({ protocol }) => protocol === asksProtocol)?.send(Uint8Array.of(0x7f, 0, 0, 0));
    await expectDropped(peer, /too long/);
  });

  test('is dropped when it never reads, and costs no more than its buffer until then', async () => {
    const { peer } = await join({ onStream: (stream) => stream.pause() });
    const frame = new Uint8Array(100_000);
    let sent = 0;
    while (transport.send(peer.id, frame)) sent++;
    // Its buffer, yamux's window, and what had been under way.
    expect(sent).toBeLessThan(20);
    expect(transport.traffic.framesDropped).toBe(1);
    expect(transport.isOpen(peer.id)).toBe(true);
    aheadMs += 9_000;
    expect(transport.send(peer.id, frame)).toBe(false);
    expect(transport.isOpen(peer.id)).toBe(true);
    aheadMs += 2_000;
    expect(transport.send(peer.id, frame)).toBe(false);
    await expectDropped(peer, /does not read/);
  });

  test('is dropped when it asks and never reads the answers', async () => {
    heard.onQuestion = (_, answer) => answer(new Uint8Array(300_000));
    const { peer, connection } = await join();
    const asks = await connection.newStream(asksProtocol);
    asks.pause();
    for (let index = 0; index < 10; index++) asks.send(encodeQuestion(index, 1000, new Uint8Array(1)));
    await until(() => heard.questions.length === 10);
    aheadMs += 11_000;
    asks.send(encodeQuestion(11, 1000, new Uint8Array(1)));
    await expectDropped(peer, /does not read/);
  });

  test('is dropped when it does not introduce its stream', async () => {
    const peer = await rawPeer();
    const connection = await peer.dial(address());
    (await connection.newStream(framesProtocol)).send(withLength(new Uint8Array(5)));
    await until(() => peer.connections.length === 0);
    expect(heard.events).toEqual([]);
    expect(lines.warnings[0]?.message).toMatch(/did not introduce/);
  });

  test('is dropped when it introduces itself twice as different ones', async () => {
    const { peer, connection } = await join();
    (await connection.newStream(framesProtocol)).send(withLength(new Uint8Array(8).fill(2)));
    await expectDropped(peer, /changed its name/);
  });

  test('is dropped when it closes every stream', async () => {
    let isClosing = false;
    const refuse = (stream: Stream) => stream.abort(new Error('no'));
    const { peer } = await join({ onStream: (stream) => isClosing && refuse(stream) });
    isClosing = true;
    for (const stream of peer.opened) refuse(stream);
    await until(() => heard.closes.length === 1 && peer.connections.length === 0);
    expect(heard.closes[0]?.reason).toMatch(/its streams/);
  });

  test('has a stream that it closed opened again', async () => {
    const { peer } = await join();
    peer.opened.find(({ protocol }) => protocol === framesProtocol)?.abort(new Error('once'));
    await until(() => transport.send(peer.id, new Uint8Array(1)) && peer.opened.length === 3);
    expect(heard.closes).toEqual([]);
  });

  test('is dropped when it opens streams without end', async () => {
    const { peer, connection } = await join();
    const opening = Array.from({ length: 150 }, async () => {
      const stream = await connection.newStream(framesProtocol);
      stream.abort(new Error('another'));
    });
    await Promise.allSettled(opening);
    await expectDropped(peer, /too many streams/);
  });

  test('is dropped for a yamux message of 2 GiB, before any of it is kept', async () => {
    const { peer, connection, frames } = await join();
    const streamID = Number(frames.id);
    sessionOf(connection).sendFrame({ type: 0, flag: 0, streamID, length: 2 ** 31 }, new Uint8Array(10));
    await expectDropped(peer, /announced a message too long/);
  });

  test('is dropped for a flood of pings', async () => {
    const { peer, connection } = await join();
    for (let id = 0; id < 200; id++) sessionOf(connection).sendPing(id);
    await expectDropped(peer, /pings too often/);
  });

  test('cannot hold more than a few connections', async () => {
    const key = freshKey();
    const same = await Promise.all(Array.from({ length: 8 }, () => rawPeer({ key })));
    await Promise.allSettled(same.map((peer) => peer.join(address())));
    await until(() => heard.opens.length > 0);
    await until(() => same.filter((peer) => peer.connections.length > 0).length <= 4);
    expect(heard.closes).toEqual([]);
  });

  test('is told apart from itself before a restart', async () => {
    const key = freshKey();
    const [before, after] = [await rawPeer({ key }), await rawPeer({ key })];
    await before.join(address(), new Uint8Array(8).fill(1));
    await until(() => heard.opens.length === 1);
    await after.join(address(), new Uint8Array(8).fill(2));
    await until(() => heard.opens.length === 2);
    expect(heard.events).toEqual(['opened', 'closed', 'opened']);
    await until(() => before.connections.length === 0);
    expect(transport.isOpen(after.id)).toBe(true);
  });

  test('harms nobody else with whatever it sends', async () => {
    const honest = await join();
    for (let round = 0; round < 20; round++) {
      const peer = await rawPeer();
      const { connection, frames } = await peer.join(address());
      const asks = await connection.newStream(asksProtocol);
      try {
        for (let piece = 0; piece < 20; piece++) (piece % 2 ? frames : asks).send(randomBytes(1 + piece * 37));
      } catch {
        // It was dropped while it wrote.
      }
    }
    honest.frames.send(withLength(new TextEncoder().encode('still here')));
    await until(() => heard.texts().includes('still here'));
    expect(transport.isOpen(honest.peer.id)).toBe(true);
  });

  test('is complained of once a minute', async () => {
    const key = freshKey();
    for (let round = 1; round <= 3; round++) {
      const peer = await rawPeer({ key });
      const { frames } = await peer.join(address(), new Uint8Array(8).fill(round));
      await until(() => heard.opens.length === round);
      frames.send(Uint8Array.of(0xff, 0, 0, 0));
      await until(() => heard.closes.length === round);
      expect(lines.warnings).toHaveLength(round < 3 ? 1 : 2);
      if (round === 2) aheadMs += 61_000;
    }
  });
});
