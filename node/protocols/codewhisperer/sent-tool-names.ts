import { createHash } from 'node:crypto';

/** What the service takes: a letter first; 64 is its own client's bound. */
const sendable = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/;
const lengthMax = 64;
const hashLength = 8;

/**
 * The names under which one request's tools travel: themselves where the service takes them, else a cleaned form that
 * ends in a hash of the whole name, so that a name keeps its form over the turns. Distinct without regard to case, as
 * the service compares them.
 */
export class SentToolNames {
  readonly #sent = new Map<string, string>();
  /** Sent names in lower case, with the client's. */
  readonly #owners = new Map<string, string>();
  readonly #declared = new Map<string, string>();
  readonly #undeclared: string[] = [];

  constructor(declared: readonly string[]) {
    // Names that need no change come first: what is made up has to give way to them.
    for (const name of declared) if (sendable.test(name)) this.#declare(name);
    for (const name of declared) if (!sendable.test(name)) this.#declare(name);
  }

  #declare(name: string): void {
    if (this.#sent.has(name)) return;
    const sent = this.#take(name);
    if (!this.#declared.has(name.toLowerCase())) this.#declared.set(name.toLowerCase(), sent);
  }

  /** The sent name of a tool that was declared, or that was called earlier in the conversation. */
  of(name: string): string {
    const known = this.#sent.get(name);
    if (known !== undefined) return known;
    const declared = this.#declared.get(name.toLowerCase());
    if (declared === undefined) this.#undeclared.push(name);
    const sent = declared ?? this.#take(name);
    this.#sent.set(name, sent);
    return sent;
  }

  /** The client's names of tools that were asked for and never declared. */
  get undeclared(): readonly string[] {
    return this.#undeclared;
  }

  /** The names that differ: as sent, as the client knows them. */
  changed(): Map<string, string> {
    const changed = new Map<string, string>();
    for (const [name, sent] of this.#sent) {
      if (name !== sent && this.#owners.get(sent.toLowerCase()) === name) changed.set(sent, name);
    }
    return changed;
  }

  #take(name: string): string {
    let sent = sendable.test(name) ? name : cleaned(name, '');
    for (let round = 1; this.#owners.has(sent.toLowerCase()); round++) sent = cleaned(name, String(round));
    this.#owners.set(sent.toLowerCase(), name);
    this.#sent.set(name, sent);
    return sent;
  }
}

function cleaned(name: string, salt: string): string {
  const hash = createHash('sha256').update(salt).update(name).digest('hex').slice(0, hashLength);
  const clean = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').replace(/^(?![A-Za-z])/, 't');
  return `${clean.slice(0, lengthMax - hashLength - 1)}_${hash}`;
}
