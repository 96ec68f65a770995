import type { Clock } from '../../../kit/clock.ts';
import type { Random } from '../../../kit/random.ts';
import type { LoginDesk, ProviderAnswer, UpstreamRequest } from '../../../node/providers/contract.ts';
import type { Terminal } from '../terminal.ts';
import { loginFaults } from './faults.ts';
import { RedirectListener } from './redirect-listener.ts';
import { sendStep } from './send-step.ts';

/** How long a browser is waited for. */
const redirectTimeoutMs = 600_000;

export interface CommandDeskParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly terminal: Pick<Terminal, 'ask'>;
  /** Shows the person a line; not on stdout, which may be a pipe. */
  show(line: string): void;
}

type Redirect = Awaited<ReturnType<LoginDesk['awaitRedirect']>>;

/** A login's contact with the world, from the command line. */
export class CommandDesk implements LoginDesk {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly #parts: CommandDeskParts;

  constructor(parts: CommandDeskParts) {
    this.#parts = parts;
    this.clock = parts.clock;
    this.random = parts.random;
    this.signal = parts.signal;
  }

  ask(request: UpstreamRequest & { origin: string }): Promise<ProviderAnswer> {
    return sendStep(request, this.signal);
  }

  showCode({ url, completeUrl, userCode, expiresInMs }: Parameters<LoginDesk['showCode']>[0]): void {
    const { show } = this.#parts;
    show(`Open  ${completeUrl ?? url}`);
    show(`Code  ${userCode}${completeUrl === undefined ? '' : '  (to be compared)'}`);
    show(`Waiting for the confirmation, ${Math.round(expiresInMs / 60_000)} minutes at most; Ctrl-C gives up.`);
  }

  async awaitRedirect(flow: Parameters<LoginDesk['awaitRedirect']>[0]): Promise<Redirect> {
    const { redirectUri } = flow;
    if (redirectUri !== undefined) return this.#pasted(redirectUri, flow.address(redirectUri));
    const listener = new RedirectListener(flow.path);
    const uri = await listener.open();
    try {
      this.#parts.show(`Open  ${flow.address(uri)}`);
      this.#parts.show('Waiting for the browser to come back, 10 minutes at most; Ctrl-C gives up.');
      return { redirectUri: uri, parameters: await this.#inTime(listener.came()) };
    } finally {
      listener.close();
    }
  }

  wait(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.signal);
  }

  /** The browser ends at an address that only another program answers: the person copies it. */
  async #pasted(redirectUri: string, address: string): Promise<Redirect> {
    const { terminal, show } = this.#parts;
    if (terminal.ask === undefined) {
      throw loginFaults.login_needs_terminal(
        'this kind of login asks for the address at which the browser ends, and nobody sits at the terminal; take one that ends in -device (--kind)',
      );
    }
    show(`Open  ${address}`);
    show(`The browser ends at an address that begins with ${redirectUri} and may say that it cannot open it.`);
    for (;;) {
      const typed = await this.#inTime(terminal.ask('Paste that address here: '));
      const parameters = parametersIn(typed);
      if (parameters !== undefined) return { redirectUri, parameters };
      show('That holds neither a code nor an error; copy the whole of it.');
    }
  }

  /** Rejects when the person gives up, and after ten minutes. */
  async #inTime<Value>(promise: Promise<Value>): Promise<Value> {
    const over = new AbortController();
    const signal = AbortSignal.any([this.signal, over.signal]);
    const late = this.clock.sleep(redirectTimeoutMs, signal).then(() => {
      throw loginFaults.login_given_up('nobody came back from the browser within 10 minutes; start the login again');
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      over.abort();
      // The abort makes it fail once more, of which nobody needs to hear: the race is over.
      late.catch(() => undefined);
    }
  }
}

/** The parameters of an address, or of the part of it after the question mark; undefined where none of a login is in it. */
function parametersIn(typed: string): URLSearchParams | undefined {
  const text = typed.trim();
  const parameters = URL.parse(text)?.searchParams ?? new URLSearchParams(text.slice(text.indexOf('?') + 1));
  return parameters.has('code') || parameters.has('error') ? parameters : undefined;
}
