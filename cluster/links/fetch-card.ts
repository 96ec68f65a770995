import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kit/clock.ts';
import type { Fault } from '../../kit/fault.ts';
import { request } from '../../kit/node-http.ts';
import type { PeerCard } from './contract.ts';
import { linkFaults } from './faults.ts';
import { readPeerCard } from './peer-card.ts';

const timeoutMs = 3000;
/** A card has a few hundred bytes. */
const answerBytesMax = 65_536;

export interface CardAddress {
  /** As configured, for messages and the Host header: `HOST:PORT`. */
  readonly seed: string;
  /** IP address to connect to. */
  readonly host: string;
  readonly port: number;
}

/** Asks a node for its card. `done` is called once, with the card or with `seed_unreachable` or `seed_not_ours`. */
export function fetchCard(clock: Clock, address: CardAddress, done: (result: PeerCard | Fault) => void): void {
  const { seed, host, port } = address;
  let isSettled = false;
  const settle = (result: PeerCard | Fault) => {
    if (isSettled) return;
    isSettled = true;
    timer.cancel();
    done(result);
    asked.destroy();
  };
  const asked = request({ host, port, path: '/cluster/peer', agent: false, headers: { host: seed } });
  const timer = clock.after(timeoutMs, () =>
    settle(linkFaults.seed_unreachable(`Seed node ${seed} did not answer within ${timeoutMs} ms.`)),
  );
  asked.on('response', (response) => readAnswer(seed, response, settle));
  asked.on('error', (error) => {
    const code = 'code' in error ? ` (${String(error.code)})` : '';
    settle(linkFaults.seed_unreachable(`Seed node ${seed} cannot be reached${code}.`, { cause: error }));
  });
  asked.end();
}

function readAnswer(seed: string, response: IncomingMessage, settle: (result: PeerCard | Fault) => void): void {
  if (response.statusCode !== 200) {
    settle(notOurs(seed, response));
    return;
  }
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > answerBytesMax) settle(notOurs(seed, response));
    else chunks.push(chunk);
  });
  response.on('error', (error) =>
    settle(linkFaults.seed_unreachable(`Seed node ${seed} broke off its answer.`, { cause: error })),
  );
  response.on('end', () => settle(readPeerCard(Buffer.concat(chunks).toString('utf8')) ?? notOurs(seed, response)));
}

function notOurs(seed: string, { statusCode = 0, headers }: IncomingMessage): Fault {
  const type = headers['content-type'] ?? 'no content type';
  return linkFaults.seed_not_ours(
    `Seed node ${seed} answers, but not as a member of a mesh: status ${statusCode}, ${type.slice(0, 100)}. ${advice(statusCode)}`,
  );
}

function advice(status: number): string {
  if (status === 401 || status === 403) return 'Something in front of it asks for a key: name the node itself.';
  if (status === 404) return 'Is it aiproxy, started with --cluster-enabled?';
  return 'Is it the HTTP port of aiproxy, started with --cluster-enabled?';
}
