import type { ChildProcess } from 'node:child_process';

/** More connections than one are never on their way to a worker; the bound is for a Node.js that does it otherwise. */
const unansweredMax = 1_024;

/**
 * Gives connections that were on their way to a worker when it died to the others. node:cluster hands a connection over
 * and waits for the worker's word that it has it; of a worker that dies before it gives it, node:cluster forgets the
 * connection, and a client would wait at it for ever. Its own messages are watched for that (`newconn`, answered by
 * `ack`), and what is left unanswered is answered with "not accepted". Were they to change, nothing would be handed
 * back, and a test would say so.
 */
export function handBackConnections(worker: ChildProcess): void {
  const unanswered = new Set<number>();
  const send = worker.send.bind(worker) as (...given: unknown[]) => boolean;
  worker.send = (...given: unknown[]) => {
    const [message] = given;
    if (isNewConnection(message) && unanswered.size < unansweredMax) unanswered.add(message.seq);
    return send(...given);
  };
  worker.on('internalMessage', (message: unknown) => {
    if (isAnswer(message)) unanswered.delete(message.ack);
  });
  // After `exit`, by which node:cluster no longer counts on the worker, and after its last word was read. `disconnect`
  // never comes where a connection is on its way.
  worker.once('close', () => {
    for (const ack of unanswered) worker.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false });
  });
}

function isNewConnection(message: unknown): message is { seq: number } {
  return typeof message === 'object' && message !== null && Reflect.get(message, 'act') === 'newconn';
}

function isAnswer(message: unknown): message is { ack: number } {
  return typeof message === 'object' && message !== null && typeof Reflect.get(message, 'ack') === 'number';
}
