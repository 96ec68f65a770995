import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PeerId, Transport } from '../../../cluster/transport/contract.ts';
import { transportLimits } from '../../../cluster/transport/limits.ts';
import { isFault, type Fault } from '../../../kit/fault.ts';
import { TransportRecorder } from '../../suites/transport-recorder.ts';
import { Libp2pNetwork, until } from './libp2p-network.ts';
import { LogLines } from './log-lines.ts';
import { RawPeer } from './raw-peer.ts';

describe('the mesh port', () => {
  let network: Libp2pNetwork;
  let lines: LogLines;
  let host: Transport;
  let heard: TransportRecorder;

  beforeEach(async () => {
    network = new Libp2pNetwork();
    lines = new LogLines();
    host = network.create('host', transportLimits, { log: lines.log });
    heard = new TransportRecorder();
    await host.start(heard);
  });
  afterEach(() => network.end());

  const dial = (from: Transport, address = host.addresses()[0] ?? '') =>
    new Promise<PeerId | Fault>((resolve) => from.dial(address, resolve));
  const codeOf = async (result: Promise<PeerId | Fault>) => {
    const settled = await result;
    return isFault(settled) ? settled.code : settled;
  };
  const started = async (...options: Parameters<Libp2pNetwork['create']>) => {
    const transport = network.create(...options);
    await transport.start(new TransportRecorder());
    return transport;
  };

  test('refuses a node with another secret, says so on both sides, and once', async () => {
    const prologue = new Uint8Array(32).fill(8);
    const other = await started('other', transportLimits, { prologue });
    expect(await codeOf(dial(other))).toBe('cluster_secret_mismatch');
    expect(await codeOf(dial(other))).toBe('cluster_secret_mismatch');
    expect(await codeOf(dial(host, other.addresses()[0]))).toBe('cluster_secret_mismatch');
    await until(() => lines.warnings.length > 0);
    expect(lines.warnings).toEqual([
      {
        message: 'a peer with another cluster secret was refused',
        fields: { from: expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/), times: 1 },
      },
    ]);
    expect(heard.events).toEqual([]);
    expect(JSON.stringify(lines.warnings)).not.toContain('8,8,8');
  });

  test('says where a secret that nobody gave comes from, to both sides', async () => {
    const advised = { secretAdvice: 'share the secret', log: lines.log };
    const own = await started('advised', transportLimits, advised);
    const other = await started('other', transportLimits, { prologue: new Uint8Array(32).fill(8), ...advised });
    const result = await dial(other, own.addresses()[0]);
    expect(isFault(result) && result.message).toMatch(/: that node has another cluster secret \(share the secret\)$/);
    await until(() => lines.warnings.length > 0);
    expect(lines.warnings).toMatchObject([
      { message: 'a peer with another cluster secret was refused: share the secret' },
    ]);
  });

  test('says once that something knocks which is no member at all', async () => {
    const [, , , , port = ''] = (host.addresses()[0] ?? '').split('/');
    for (let round = 0; round < 3; round++) {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
      const closed = new Promise((done) => socket.on('close', done));
      socket.resume();
      socket.write(`GET / HTTP/1.1\r\nUser-Agent: ${'scanner '.repeat(20)}\r\n\r\n`);
      await closed;
    }
    await until(() => lines.warnings.length > 0);
    expect(await dial(await started('member'))).toBe(host.self);
    expect(lines.warnings).toEqual([
      {
        message: 'a connection to the mesh port that does not speak its protocol was closed',
        fields: { from: expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/), times: 1 },
      },
    ]);
  });

  test('refuses a node without a secret', async () => {
    const peer = await RawPeer.start({ prologue: new Uint8Array() });
    await expect(peer.dial(host.addresses()[0] ?? '')).rejects.toThrow(/validation fail/);
    expect(await codeOf(dial(host, peer.address))).toBe('cluster_secret_mismatch');
    await until(() => lines.warnings.length > 0);
    await peer.stop();
    expect(heard.events).toEqual([]);
  });

  test('does not complain of a stranger when it meets itself, or is not the one who was meant', async () => {
    const other = await started('other');
    const [place = ''] = (host.addresses()[0] ?? '').split('/p2p/');
    for (let round = 0; round < 10; round++) {
      expect(await codeOf(dial(host, place))).toBe('dialled_self');
      expect(await codeOf(dial(other, `${place}/p2p/${network.create(`meant ${round}`).self}`))).toBe(
        'peer_unexpected',
      );
    }
    expect(await dial(other)).toBe(host.self);
    expect(lines.warnings).toEqual([]);
  });

  test('does not take another libp2p program with the secret for a member', async () => {
    const peer = await RawPeer.start({ protocols: [] });
    expect(await codeOf(dial(host, peer.address))).toBe('peer_unreachable');
    await peer.stop();
    expect(heard.events).toEqual([]);
  });

  test('tells a port that is taken from an address that is none', async () => {
    const [, , , , port = ''] = (host.addresses()[0] ?? '').split('/');
    const at = async (listen: string) => {
      const transport = network.create(listen, transportLimits, { listen: [listen] });
      const fault: unknown = await transport.start(heard).catch((error: unknown) => error);
      return isFault(fault) ? fault.code : undefined;
    };
    expect(await at(`/ip4/127.0.0.1/tcp/${port}`)).toBe('mesh_port_taken');
    expect(await at('/ip4/203.0.113.7/tcp/0')).toBe('mesh_address_invalid');
    expect(await at('no address')).toBe('mesh_address_invalid');
  });

  test('dials names and IPv6 addresses', async () => {
    const six = await started('six', transportLimits, { listen: ['/ip6/::1/tcp/0'] });
    const [, , , , port = ''] = (host.addresses()[0] ?? '').split('/');
    expect(await dial(six, `/dns/localhost/tcp/${port}`)).toBe(host.self);
    const four = await started('four');
    expect(await dial(four, six.addresses()[0])).toBe(six.self);
    expect(await dial(four, `/dns4/localhost/tcp/${port}/p2p/${host.self}`)).toBe(host.self);
    expect(await codeOf(dial(four, '/dns/no-such-name.invalid/tcp/1'))).toBe('peer_unreachable');
  });

  test('bears 2,000 connections of strangers, silent or not, and rids itself of them', async () => {
    const [, , , , port = ''] = (host.addresses()[0] ?? '').split('/');
    const sockets: Socket[] = [];
    let closed = 0;
    const stranger = (index: number) => {
      const socket = connect(Number(port), '127.0.0.1');
      sockets.push(socket);
      // A refused one is reset, which is an error here.
      socket.on('error', () => undefined).on('close', () => closed++);
      socket.resume();
      if (index % 3 === 0) socket.write('GET / HTTP/1.1\r\n\r\n');
      if (index % 3 === 1) socket.write(Buffer.from('\u0013/multistream/1.0.0\n\u0007/noise\n', 'latin1'));
      return socket;
    };
    for (let batch = 0; batch < 10; batch++) {
      // No more at once than the system's queue holds: what it loses there would never come to the node.
      const opening = Array.from({ length: 200 }, (_, index) => stranger(index));
      await until(() => opening.every((socket) => !socket.connecting));
    }
    // Members get in again at the latest when the half-open handshakes have run out of time.
    await until(() => closed === 2000);
    expect(await dial(await started('member'))).toBe(host.self);
    await until(() => heard.opens.length === 1);
    for (const socket of sockets) socket.destroy();
  });
});
