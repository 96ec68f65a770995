import { request as send } from 'undici';
import { seededRandom } from '../../kit/random.ts';
import type { LoginDesk, ProviderAnswer } from '../../node/providers/contract.ts';
import type { ManualClock } from '../manual-clock.ts';

type Code = Parameters<LoginDesk['showCode']>[0];
type RedirectFlow = Parameters<LoginDesk['awaitRedirect']>[0];

/** A person at the command line who needs no time: waiting moves the manual clock, and the browser follows redirects. */
export class FakeDesk implements LoginDesk {
  readonly clock: ManualClock;
  readonly random = seededRandom(1);
  readonly codes: Code[] = [];
  readonly waits: number[] = [];
  readonly addresses: string[] = [];
  /** What the browser comes back with, in place of what the service sends it with. */
  brings: ((parameters: URLSearchParams) => URLSearchParams) | undefined;
  readonly #abort = new AbortController();

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  giveUp(): void {
    this.#abort.abort(new Error('the person gave up'));
  }

  async ask(request: Parameters<LoginDesk['ask']>[0]): Promise<ProviderAnswer> {
    const response = await send(request.origin + request.path, {
      method: request.method as 'POST',
      headers: request.headers as string[],
      body: request.body ?? null,
    });
    const body = Buffer.from(await response.body.arrayBuffer());
    return { status: response.statusCode, headers: response.headers, body };
  }

  showCode(code: Code): void {
    this.codes.push(code);
  }

  async awaitRedirect(flow: RedirectFlow): Promise<{ redirectUri: string; parameters: URLSearchParams }> {
    const redirectUri = `http://127.0.0.1:53682${flow.path}`;
    const address = flow.address(redirectUri);
    this.addresses.push(address);
    const page = await send(address);
    const location = page.headers['location'];
    await page.body.dump();
    if (typeof location !== 'string') throw new Error(`the page does not send the browser on (${page.statusCode})`);
    const { searchParams: parameters } = new URL(location);
    return { redirectUri, parameters: this.brings?.(parameters) ?? parameters };
  }

  wait(ms: number): Promise<void> {
    this.waits.push(ms);
    this.clock.advance(ms);
    return Promise.resolve();
  }
}
