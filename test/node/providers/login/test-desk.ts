import { seededRandom } from '../../../../kit/random.ts';
import { sendStep } from '../../../../cli/program/login/send-step.ts';
import type { LoginDesk } from '../../../../node/providers/contract.ts';
import { ManualClock } from '../../../manual-clock.ts';

type Code = Parameters<LoginDesk['showCode']>[0];

/** A desk with real calls, a clock that waiting moves, and a browser of the test's own. */
export class TestDesk implements LoginDesk {
  readonly clock = new ManualClock();
  readonly random = seededRandom(1);
  readonly codes: Code[] = [];
  readonly waits: number[] = [];
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  /** Called before each wait: the person acts meanwhile. */
  onWait: () => void = () => undefined;
  /** The address at which the browser ends. */
  browse: (address: string) => string = () => '';

  giveUp(): void {
    this.#controller.abort(new Error('given up'));
  }

  ask: LoginDesk['ask'] = (request) => sendStep(request, this.signal);

  showCode(code: Code): void {
    this.codes.push(code);
  }

  async awaitRedirect(flow: Parameters<LoginDesk['awaitRedirect']>[0]) {
    const redirectUri = flow.redirectUri ?? `http://127.0.0.1:1${flow.path}`;
    const ended = new URL(this.browse(flow.address(redirectUri)));
    return Promise.resolve({ redirectUri, parameters: ended.searchParams });
  }

  wait(ms: number): Promise<void> {
    this.waits.push(ms);
    this.onWait();
    this.signal.throwIfAborted();
    this.clock.advance(ms);
    return Promise.resolve();
  }
}
