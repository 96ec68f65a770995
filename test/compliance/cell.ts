import type { Part, Reasons, Speaker, Subject } from './contract.ts';

export type Verdict = 'works' | 'refused' | 'n/a';

/** What was seen of one case, from one client protocol, at one provider. */
export interface Cell {
  verdict: Verdict;
  /** Each a sentence; what is no plain success stands here with its reason. */
  notes: Set<string>;
  /** Some of the notes are about the provider, and not about the client's protocol alone. */
  isProvidersDoing: boolean;
}

export function emptyCell(): Cell {
  return { verdict: 'works', notes: new Set(), isProvidersDoing: false };
}

/** Which of a subject's explanations have been needed; one that never is, is out of date. */
export class Explanations {
  readonly #subject: Subject;
  readonly #used = new Set<string>();

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  loss(name: string, cell: Cell): void {
    if (this.#subject.besides?.[name] !== undefined) return void this.#used.add(`besides:${name}`);
    this.#note('losses', name, cell, name === 'usage' ? 'usage is an estimate' : `loses \`${name}\``);
  }

  /** The field that the message of a 400 names. Throws when none of the subject's is in it. */
  refusal(message: string, cell: Cell): void {
    const field = Object.keys(this.#subject.refusals).find((name) => message.includes(name));
    if (field === undefined) throw new Error(`${this.#subject.id}: a refusal that nothing explains: ${message}`);
    this.#note('refusals', field, cell, `400 that names \`${field}\``);
  }

  /** Whether the case may be tried; if not, the reason is noted. */
  can(part: Part, speaker: Speaker, cell: Cell): boolean {
    const ofSubject = this.#subject.cannot[part];
    if (ofSubject !== undefined) {
      this.#used.add(`cannot:${part}`);
      cell.notes.add(`${part}: ${ofSubject}`);
      cell.isProvidersDoing = true;
    }
    const ofSpeaker = speaker.cannot[part];
    if (ofSpeaker !== undefined) cell.notes.add(`${part}: ${ofSpeaker}`);
    return ofSubject === undefined && ofSpeaker === undefined;
  }

  unused(): string[] {
    const { cannot, losses, refusals, besides = {} } = this.#subject;
    const all = { cannot, losses, refusals, besides } satisfies Record<
      string,
      Reasons | Readonly<Record<string, string>>
    >;
    return Object.entries(all)
      .flatMap(([kind, reasons]) => Object.keys(reasons).map((name) => `${kind}:${name}`))
      .filter((name) => !this.#used.has(name));
  }

  #note(kind: 'losses' | 'refusals', name: string, cell: Cell, head: string): void {
    const reason = this.#subject[kind][name];
    if (reason === undefined) throw new Error(`${this.#subject.id}: nothing explains the loss of ${name}`);
    this.#used.add(`${kind}:${name}`);
    cell.notes.add(`${head}: ${reason}`);
    cell.isProvidersDoing = true;
  }
}
