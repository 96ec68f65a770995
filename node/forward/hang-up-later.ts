import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kit/clock.ts';

/** Time for a client to read an answer that came before its body was sent; nginx's lingering_timeout is 5 s as well. */
const lingerMs = 5000;

/**
 * For a request that was answered before its body was in: the client may read its answer while it still writes, but not
 * write for ever. A close at once would reset the connection and lose the answer with it.
 */
export function hangUpLater(request: IncomingMessage, clock: Clock): void {
  clock.after(lingerMs, () => {
    if (!request.complete) request.socket.destroy();
  });
}
