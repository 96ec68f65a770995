import { portableName } from '../portable-name.ts';

/** What Gemini takes: 64 characters were the limit once, and still are a safe one. */
const accepted = /^[A-Za-z_][\w.:-]{0,63}$/;

/** Names of tools as Gemini takes them, and back. The same name always gives the same form. */
export class GeminiToolNames {
  readonly #own = new Map<string, string>();

  /** Those that had to be changed: as sent, as the client knows them. */
  get changed(): ReadonlyMap<string, string> {
    return this.#own;
  }

  sent(name: string): string {
    if (accepted.test(name)) return name;
    const portable = portableName(name);
    const sent = /^[A-Za-z_]/.test(portable) ? portable : `_${portable.slice(0, 63)}`;
    this.#own.set(sent, name);
    return sent;
  }
}
