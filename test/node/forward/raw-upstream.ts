import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What was asked, as far as tests look at it. */
export interface RawRequest {
  head: string;
  body: string;
}

/** An upstream that answers with whatever bytes a test wants, well-formed or not. */
export interface RawUpstream {
  readonly url: string;
  readonly requests: RawRequest[];
  /** Bytes to write for every further request, or what to do with its connection. */
  answer: string | ((socket: Socket) => void);
  close(): Promise<void>;
}

const rawKey = 'sk-raw-0123456789abcdefghij';

export async function startRaw(answer: RawUpstream['answer'] = ''): Promise<RawUpstream> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    readRequests(socket, (request) => {
      upstream.requests.push(request);
      if (typeof upstream.answer === 'string') socket.write(upstream.answer, 'latin1');
      else upstream.answer(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstream: RawUpstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    answer,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return upstream;
}

export function rawAccount(upstream: RawUpstream, provider = 'openai-custom', id = 'raw'): Record<string, unknown> {
  return { id, provider, base_url: upstream.url, api_key: rawKey, discovery: false };
}

/** A whole answer with its length. */
export function wholeAnswer(body: string, status = '200 OK', headers = ''): string {
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${headers}content-length: ${length}\r\n\r\n${body}`;
}

/** The head of an answer in chunks; chunks follow by `chunk`. */
export function chunkedHead(contentType: string, status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`;
}

export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

export const lastChunk = '0\r\n\r\n';

function readRequests(socket: Socket, onRequest: (request: RawRequest) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    seen = Buffer.concat([seen, bytes]);
    for (let end = seen.indexOf('\r\n\r\n'); end !== -1; end = seen.indexOf('\r\n\r\n')) {
      const head = seen.toString('latin1', 0, end);
      const bodyEnd = end + 4 + Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      if (seen.length < bodyEnd) return;
      const body = seen.toString('utf8', end + 4, bodyEnd);
      seen = seen.subarray(bodyEnd);
      onRequest({ head, body });
    }
  });
}
