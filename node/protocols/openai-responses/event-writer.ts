import type { JsonObject } from '../../../kit/json.ts';

/** Writes the events of one answer, numbering them. */
export class EventWriter {
  #sequence: number;

  constructor(firstSequence = 0) {
    this.#sequence = firstSequence;
  }

  event(type: string, fields: JsonObject): string {
    return this.raw(type, JSON.stringify(fields).slice(1, -1));
  }

  /** `members` is the inside of a JSON object that has at least one member; spares deltas the building of an object. */
  raw(type: string, members: string): string {
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence++},${members}}\n\n`;
  }
}
