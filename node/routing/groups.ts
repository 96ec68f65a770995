import { routingFaults } from './faults.ts';

export const priorities = ['primary', 'secondary', 'fallback'] as const;
export type Priority = (typeof priorities)[number];

/** Groups that a node holds: each is a row in every list of them and a label value. */
export const groupsMax = 256;

export interface GroupDefinition {
  name: string;
  priority: Priority;
  /** Name of the strategy; absent: the node's algorithm. */
  strategy?: string | undefined;
}

/** The groups that were defined. A group that accounts name and nobody defined is primary, like `default`. */
export class Groups {
  readonly #byName = new Map<string, GroupDefinition>();
  #version = 1;

  /** Rises with every change. */
  get version(): number {
    return this.#version;
  }

  get all(): readonly GroupDefinition[] {
    return [...this.#byName.values()];
  }

  get(name: string): GroupDefinition {
    return this.#byName.get(name) ?? { name, priority: 'primary' };
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Adds or replaces. Throws `too_many_groups`. */
  set(group: GroupDefinition): void {
    if (!this.#byName.has(group.name) && this.#byName.size >= groupsMax) {
      throw routingFaults.too_many_groups(`a node holds at most ${groupsMax} groups`);
    }
    this.#byName.set(group.name, { ...group });
    this.#version++;
  }

  /** Its accounts stay and then stand in an undefined group. Throws `unknown_group`. */
  remove(name: string): void {
    if (!this.#byName.delete(name)) throw routingFaults.unknown_group(`there is no group ${name}`);
    this.#version++;
  }
}
