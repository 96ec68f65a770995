import type { Clock } from '../../../kit/clock.ts';
import { get } from '../../../kit/node-http.ts';

const pollMs = 50;
const answerTimeoutMs = 2_000;

/** Resolves once `/health/ready` of a node says 200. */
export async function untilReady(url: string, clock: Clock): Promise<void> {
  while (!(await isReady(`${url}/health/ready`))) await clock.sleep(pollMs);
}

function isReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = get(url, { agent: false, timeout: answerTimeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
  });
}
