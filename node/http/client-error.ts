import type { Socket } from 'node:net';
import type { Fault } from '../../kit/fault.ts';
import { STATUS_CODES } from '../../kit/node-http.ts';
import { httpFaults } from './faults.ts';
import { problemOf } from './problem.ts';

/**
 * Answers what is not HTTP, too large, or too slow, and closes the connection. The error is node:http's `clientError`.
 * Nothing of the client's bytes is echoed.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // A reset leaves nobody to answer. An answer under way must not get a second head in its middle.
  if (error.code === 'ECONNRESET' || !socket.writable || hasBegunAnswer(socket)) {
    socket.destroy();
    return;
  }
  const fault = faultOf(error);
  const body = JSON.stringify(problemOf(fault));
  const head =
    `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ''}\r\n` +
    'content-type: application/json; charset=utf-8\r\n' +
    `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  socket.end(head + body);
  // `end` waits for the client's own end; one that goes on sending would keep the socket.
  socket.once('finish', () => socket.destroySoon());
}

function faultOf(error: { code?: string }): Fault {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return httpFaults.headers_too_large('the headers of the request are too large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return httpFaults.request_timeout('the request did not arrive in time');
    default:
      return httpFaults.bad_http('this is not a well-formed HTTP request');
  }
}

/** node:http keeps the response that is being written on `_httpMessage`; its documentation of clientError names it. */
function hasBegunAnswer(socket: Socket): boolean {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  return typeof message === 'object' && message !== null && Reflect.get(message, 'headersSent') === true;
}
