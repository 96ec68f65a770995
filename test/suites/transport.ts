import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PeerId, Transport, TransportLimits } from '../../cluster/transport/contract.ts';
import { transportLimits } from '../../cluster/transport/limits.ts';
import { isFault, type Fault } from '../../kit/fault.ts';
import { TransportRecorder } from './transport-recorder.ts';

/** One network of transports that can reach each other. */
export interface TransportSubject {
  /** A transport that is not started yet. The same `name` again has the same peer id, as after a restart. */
  create(name: string, limits: TransportLimits): Promise<Transport> | Transport;
  /** Lets time pass until the condition holds; rejects when it does not in a reasonable time. */
  until(condition: () => boolean): Promise<void>;
  /** An address at which nobody listens, without a peer id. */
  emptyAddress(): Promise<string> | string;
  /** Stops what is left. */
  end(): Promise<void>;
}

interface Started {
  readonly transport: Transport;
  readonly heard: TransportRecorder;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : new TextDecoder().decode(bytes));

/** What every transport must do. */
export function transportSuite(name: string, begin: () => Promise<TransportSubject> | TransportSubject): void {
  describe(`transport ${name}`, () => {
    let subject: TransportSubject;

    beforeEach(async () => {
      subject = await begin();
    });
    afterEach(() => subject.end());

    const start = async (id: string, limits: Partial<TransportLimits> = {}): Promise<Started> => {
      const transport = await subject.create(id, { ...transportLimits, ...limits });
      const heard = new TransportRecorder();
      await transport.start(heard);
      return { transport, heard };
    };
    const address = ({ transport }: Started) => transport.addresses()[0] ?? '';
    const withoutPeer = (of: Started) => address(of).replace(/\/p2p\/.*$/, '');
    const dial = async (from: Started, to: string): Promise<PeerId | Fault> => {
      const results: (PeerId | Fault)[] = [];
      from.transport.dial(to, (result) => results.push(result));
      expect(results).toEqual([]);
      await subject.until(() => results.length > 0);
      expect(results).toHaveLength(1);
      return results[0] ?? '';
    };
    const codeOf = (result: PeerId | Fault) => (isFault(result) ? result.code : result);
    const ask = async (from: Started, to: PeerId, bytes: Uint8Array, timeoutMs = 10_000) => {
      const answers: (Uint8Array | undefined)[] = [];
      from.transport.ask(to, bytes, timeoutMs, (answer) => answers.push(answer));
      expect(answers).toEqual([]);
      await subject.until(() => answers.length > 0);
      expect(answers).toHaveLength(1);
      return answers[0];
    };
    /** Two that are connected; what was told so far is forgotten. */
    const pair = async (limits: Partial<TransportLimits> = {}, otherLimits = limits): Promise<[Started, Started]> => {
      const [one, other] = [await start('one', limits), await start('other', otherLimits)];
      expect(await dial(one, address(other))).toBe(other.transport.self);
      await subject.until(() => one.heard.opens.length + other.heard.opens.length === 2);
      return [one, other];
    };

    test('has no address before its start, then one with its peer id', async () => {
      const transport = await subject.create('one', transportLimits);
      expect(transport.addresses()).toEqual([]);
      await transport.start(new TransportRecorder());
      expect(transport.addresses().length).toBeGreaterThan(0);
      for (const each of transport.addresses()) expect(each.endsWith(`/p2p/${transport.self}`)).toBe(true);
    });

    test('connects two, and tells both', async () => {
      const [one, other] = await pair();
      expect(one.heard.opens).toEqual([other.transport.self]);
      expect(other.heard.opens).toEqual([one.transport.self]);
      expect(one.transport.isOpen(other.transport.self)).toBe(true);
      expect(other.transport.isOpen(one.transport.self)).toBe(true);
      expect(one.transport.isOpen('nobody')).toBe(false);
    });

    test('connects to an address without a peer id', async () => {
      const [one, other] = [await start('one'), await start('other')];
      expect(await dial(one, withoutPeer(other))).toBe(other.transport.self);
    });

    test('answers a dial of a connected peer without another opening', async () => {
      const [one, other] = await pair();
      expect(await dial(one, address(other))).toBe(other.transport.self);
      expect(await dial(one, withoutPeer(other))).toBe(other.transport.self);
      expect(await dial(other, address(one))).toBe(one.transport.self);
      expect(await ask(one, other.transport.self, bytesOf('still?'))).toEqual(bytesOf('still?'));
      expect(one.heard.opens).toHaveLength(1);
      expect(other.heard.opens).toHaveLength(1);
      expect(one.heard.closes).toEqual([]);
    });

    test('opens once when two dial each other at once', async () => {
      const [one, other] = [await start('one'), await start('other')];
      const results = await Promise.all([dial(one, withoutPeer(other)), dial(other, address(one))]);
      expect(results).toEqual([other.transport.self, one.transport.self]);
      await subject.until(() => one.heard.opens.length > 0 && other.heard.opens.length > 0);
      for (let round = 0; round < 20; round++) {
        expect(await ask(one, other.transport.self, bytesOf('a'))).toEqual(bytesOf('a'));
        expect(await ask(other, one.transport.self, bytesOf('b'))).toEqual(bytesOf('b'));
      }
      expect(one.heard.opens).toHaveLength(1);
      expect(other.heard.opens).toHaveLength(1);
      expect([...one.heard.closes, ...other.heard.closes]).toEqual([]);
    });

    test('carries frames both ways in order, the empty one too', async () => {
      const [one, other] = await pair();
      const texts = ['', ...Array.from({ length: 500 }, (_, index) => `frame ${index}`)];
      for (const text of texts) {
        expect(one.transport.send(other.transport.self, bytesOf(text))).toBe(true);
        expect(other.transport.send(one.transport.self, bytesOf(`${text}!`))).toBe(true);
      }
      await subject.until(() => one.heard.frames.length === 501 && other.heard.frames.length === 501);
      expect(other.heard.texts()).toEqual(texts);
      expect(one.heard.texts()).toEqual(texts.map((text) => `${text}!`));
      expect(one.transport.traffic).toMatchObject({ framesSent: 501, framesReceived: 501, framesDropped: 0 });
      expect(other.transport.traffic.bytesReceived).toBe(one.transport.traffic.bytesSent);
    });

    test('carries frames of the longest length, unchanged by what the sender does to its buffer', async () => {
      const [one, other] = await pair({ frameBytesMax: 300_000 });
      const bytes = new Uint8Array(randomBytes(300_000));
      const expected = bytes.slice();
      expect(one.transport.send(other.transport.self, bytes)).toBe(true);
      bytes.fill(0);
      await subject.until(() => other.heard.frames.length === 1);
      expect(Buffer.compare(other.heard.frames[0]?.bytes ?? bytes, expected)).toBe(0);
    });

    test('tells nothing from inside a call', async () => {
      const [one, other] = await pair();
      const before = one.heard.events.length;
      one.transport.send(other.transport.self, bytesOf('x'));
      one.transport.ask('nobody', bytesOf('x'), 10, () => one.heard.events.push('answered'));
      one.transport.close(other.transport.self, 'enough');
      expect(one.heard.events).toHaveLength(before);
      await subject.until(() => one.heard.closes.length === 1 && one.heard.events.includes('answered'));
    });

    test('tells of a peer only between its opening and its closing', async () => {
      const [one, other] = await pair();
      for (let index = 0; index < 50; index++) other.transport.send(one.transport.self, bytesOf('x'));
      await subject.until(() => one.heard.frames.length === 50);
      other.transport.close(one.transport.self, 'enough');
      await subject.until(() => one.heard.closes.length === 1);
      expect(one.heard.events[0]).toBe('opened');
      expect(one.heard.events.at(-1)).toBe('closed');
    });

    test('drops frames to those it is not connected to, and counts them', async () => {
      const one = await start('one');
      expect(one.transport.send('nobody', bytesOf('x'))).toBe(false);
      expect(one.transport.traffic).toMatchObject({ framesSent: 0, framesDropped: 1 });
    });

    test('does not send a frame longer than allowed', async () => {
      const [one, other] = await pair({ frameBytesMax: 100 });
      expect(one.transport.send(other.transport.self, new Uint8Array(101))).toBe(false);
      expect(await ask(one, other.transport.self, bytesOf('still?'))).toEqual(bytesOf('still?'));
      expect(one.transport.traffic.framesDropped).toBe(1);
    });

    test('ends the connection on a frame longer than allowed', async () => {
      const [one, other] = await pair({ frameBytesMax: 1000 }, { frameBytesMax: 100 });
      one.transport.send(other.transport.self, new Uint8Array(500));
      await subject.until(() => one.heard.closes.length === 1 && other.heard.closes.length === 1);
      expect(other.heard.closes[0]?.reason).toMatch(/too long/);
      expect(other.heard.frames).toEqual([]);
    });

    test('ends the connection on more frames a second than allowed', async () => {
      const [one, other] = await pair({}, { framesPerSecondMax: 10 });
      for (let index = 0; index < 200; index++) one.transport.send(other.transport.self, bytesOf('x'));
      await subject.until(() => one.heard.closes.length === 1 && other.heard.closes.length === 1);
      expect(other.heard.closes[0]?.reason).toMatch(/too many/);
      // A few more than ten seconds' worth: time goes on while they come.
      expect(other.heard.frames.length).toBeLessThan(150);
      expect(other.heard.frames.length).toBeGreaterThanOrEqual(100);
    });

    test('asks, both ways, and gets each its own answer, in whatever order they come', async () => {
      const [one, other] = await pair();
      const held: (() => void)[] = [];
      other.heard.onQuestion = (bytes, answer) => {
        held.unshift(() => {
          answer(bytesOf(`to ${textOf(bytes)}`));
          answer(bytesOf('a second time'));
        });
        if (held.length === 20) for (const each of held) each();
      };
      const answers = new Map<string, string | undefined>();
      for (let index = 0; index < 20; index++) {
        one.transport.ask(other.transport.self, bytesOf(`${index}`), 10_000, (answer) => {
          answers.set(`${index}`, textOf(answer));
        });
      }
      expect(await ask(other, one.transport.self, bytesOf('you?'))).toEqual(bytesOf('you?'));
      await subject.until(() => answers.size === 20);
      for (const [question, answer] of answers) expect(answer).toBe(`to ${question}`);
    });

    test('gives up on an answer after its time, and passes over it when it comes later', async () => {
      const [one, other] = await pair();
      const late: (() => void)[] = [];
      other.heard.onQuestion = (bytes, answer) => late.push(() => answer(bytes));
      expect(await ask(one, other.transport.self, bytesOf('slow'), 50)).toBeUndefined();
      for (const each of late) each();
      other.heard.onQuestion = (_, answer) => answer(bytesOf('prompt'));
      expect(textOf(await ask(one, other.transport.self, bytesOf('next')))).toBe('prompt');
    });

    test('has no answer of those it is not connected to', async () => {
      const one = await start('one');
      expect(await ask(one, 'nobody', bytesOf('x'))).toBeUndefined();
    });

    test('carries the largest question and answer, and refuses larger ones without ending the connection', async () => {
      const [one, other] = await pair({ askBytesMax: 2_000_000 });
      const largest = new Uint8Array(randomBytes(2_000_000));
      const answer = (await ask(one, other.transport.self, largest)) ?? new Uint8Array();
      expect(Buffer.compare(answer, largest)).toBe(0);
      expect(await ask(one, other.transport.self, new Uint8Array(2_000_001))).toBeUndefined();
      other.heard.onQuestion = (_, reply) => reply(new Uint8Array(2_000_001));
      expect(await ask(one, other.transport.self, bytesOf('much'))).toBeUndefined();
      other.heard.onQuestion = (bytes, reply) => reply(bytes);
      expect(await ask(one, other.transport.self, bytesOf('little'))).toEqual(bytesOf('little'));
      expect(one.heard.closes).toEqual([]);
    });

    test('serves so many questions of a peer at once, and leaves the others unanswered', async () => {
      const [one, other] = await pair({}, { questionsMax: 2 });
      const held: (() => void)[] = [];
      other.heard.onQuestion = (bytes, answer) => held.push(() => answer(bytes));
      const answers: (string | undefined)[] = [];
      for (const text of ['a', 'b', 'c', 'd', 'e']) {
        one.transport.ask(other.transport.self, bytesOf(text), 400, (answer) => answers.push(textOf(answer)));
      }
      await subject.until(() => held.length === 2);
      for (const each of held) each();
      await subject.until(() => answers.length === 5);
      expect(answers.filter((each) => each !== undefined).toSorted()).toEqual(['a', 'b']);
      expect(other.heard.questions).toHaveLength(2);
      other.heard.onQuestion = (bytes, answer) => answer(bytes);
      expect(textOf(await ask(one, other.transport.self, bytesOf('f')))).toBe('f');
    });

    test('ends questions under way when the connection is closed', async () => {
      const [one, other] = await pair();
      other.heard.onQuestion = () => undefined;
      const answers: unknown[] = [];
      one.transport.ask(other.transport.self, bytesOf('a'), 60_000, (answer) => answers.push(answer));
      await subject.until(() => other.heard.questions.length === 1);
      other.transport.close(one.transport.self, 'enough');
      await subject.until(() => answers.length === 1);
      expect(answers).toEqual([undefined]);
    });

    test('closes with a reason, tells both, and connects again', async () => {
      const [one, other] = await pair();
      one.transport.close(other.transport.self, 'because');
      await subject.until(() => one.heard.closes.length === 1 && other.heard.closes.length === 1);
      expect(one.heard.closes[0]).toEqual({ peer: other.transport.self, reason: 'because' });
      expect(one.transport.isOpen(other.transport.self)).toBe(false);
      expect(one.transport.send(other.transport.self, bytesOf('x'))).toBe(false);
      expect(await dial(other, address(one))).toBe(one.transport.self);
      await subject.until(() => one.heard.opens.length === 2 && other.heard.opens.length === 2);
      expect(textOf(await ask(one, other.transport.self, bytesOf('again')))).toBe('again');
    });

    test('closing a peer that is not connected does nothing', async () => {
      const one = await start('one');
      one.transport.close('nobody', 'enough');
      expect(await ask(one, 'nobody', bytesOf('x'))).toBeUndefined();
      expect(one.heard.events).toEqual([]);
    });

    test('says what is wrong with an address', async () => {
      const [one, other] = [await start('one'), await start('other')];
      const empty = await subject.emptyAddress();
      expect(codeOf(await dial(one, empty))).toBe('nothing_listens');
      expect(codeOf(await dial(one, 'no address'))).toBe('peer_unreachable');
      expect(codeOf(await dial(one, address(one)))).toBe('dialled_self');
      expect(codeOf(await dial(one, withoutPeer(one)))).toBe('dialled_self');
      const third = await start('third');
      const misnamed = `${withoutPeer(other)}/p2p/${third.transport.self}`;
      expect(codeOf(await dial(one, misnamed))).toBe('peer_unexpected');
      expect([...one.heard.events, ...other.heard.events]).toEqual([]);
    });

    test('is reached again after a restart with the same identity', async () => {
      const [one, other] = await pair();
      await other.transport.stop();
      await subject.until(() => one.heard.closes.length === 1);
      const again = await start('other');
      expect(again.transport.self).toBe(other.transport.self);
      expect(await dial(one, address(again))).toBe(other.transport.self);
      await subject.until(() => one.heard.opens.length === 2 && again.heard.opens.length === 1);
      expect(textOf(await ask(again, one.transport.self, bytesOf('back')))).toBe('back');
    });

    test('ends everything when it is stopped', async () => {
      const [one, other] = await pair();
      other.heard.onQuestion = () => undefined;
      const ends: unknown[] = [];
      one.transport.ask(other.transport.self, bytesOf('a'), 60_000, (answer) => ends.push(answer));
      await subject.until(() => other.heard.questions.length === 1);
      const to = address(other);
      one.transport.dial(await subject.emptyAddress(), (result) => ends.push(codeOf(result)));
      await one.transport.stop();
      await subject.until(() => ends.length === 2 && other.heard.closes.length === 1);
      expect(ends.toSorted()).toEqual(['peer_unreachable', undefined]);
      expect(one.heard.closes.map(({ peer }) => peer)).toEqual([other.transport.self]);
      expect(one.transport.isOpen(other.transport.self)).toBe(false);
      expect(one.transport.send(other.transport.self, bytesOf('x'))).toBe(false);
      expect(await ask(one, other.transport.self, bytesOf('x'))).toBeUndefined();
      expect(codeOf(await dial(one, to))).toBe('peer_unreachable');
      expect(one.transport.addresses()).toEqual([]);
    });
  });
}
