import { createHash } from 'node:crypto';
import type { Message } from '../../../conversation/contract.ts';

/**
 * Ids for the calls of one answer, in a format that has none. Made of the call's place among all calls of the
 * conversation, its name and its parameters: the same answer to the same conversation gives the same ids, and no id
 * that the conversation has already.
 */
export class DerivedCallIds {
  readonly #messages: readonly Message[];
  #used: Set<string> | undefined;
  #place = 0;

  constructor(messages: readonly Message[]) {
    this.#messages = messages;
  }

  next(name: string, parametersJson: string): string {
    const used = (this.#used ??= this.#idsSoFar());
    let id: string;
    do id = idOf(this.#place++, name, parametersJson);
    while (used.has(id));
    used.add(id);
    return id;
  }

  #idsSoFar(): Set<string> {
    const used = new Set<string>();
    for (const { parts } of this.#messages) {
      for (const part of parts) {
        if (part.type !== 'tool_call') continue;
        used.add(part.id);
        this.#place++;
      }
    }
    return used;
  }
}

function idOf(place: number, name: string, parametersJson: string): string {
  const hash = createHash('sha256').update(JSON.stringify([place, name, parametersJson]));
  return `call_${hash.digest('hex').slice(0, 24)}`;
}
