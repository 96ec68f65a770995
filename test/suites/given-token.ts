import type { TokenSource } from '../../node/providers/contract.ts';

/** A login's token that is what the test says, and what the login service said beside it. */
export class GivenToken implements TokenSource {
  accessToken: string | undefined;
  extras: Record<string, string>;
  isUsable = true;
  readonly refusals: string[] = [];

  constructor(accessToken?: string, extras: Record<string, string> = {}) {
    this.accessToken = accessToken;
    this.extras = extras;
  }

  current(): string | undefined {
    return this.accessToken;
  }

  extra(name: string): string | undefined {
    return this.extras[name];
  }

  refused(accessToken: string): Promise<boolean> {
    this.refusals.push(accessToken);
    return Promise.resolve(false);
  }
}
