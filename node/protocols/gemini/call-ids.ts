/** How ids that we make for calls begin; the rest is the call's position among all calls of the conversation. */
const idPrefix = 'gemini_call_';

interface PendingCall {
  id: string;
  name: string;
}

/**
 * Gives calls and results the ids that other formats need and Gemini may leave out. A conversation only grows, so a
 * call's position, and with it its id, is the same on every turn.
 *
 *   functionCall a, functionCall b, functionCall a   gemini_call_0, _1, _2
 *   functionResponse a, b, a (without ids)           pairs by name, in order: _0, _1, _2
 */
export class CallIds {
  #calls = 0;
  #orphans = 0;
  #pending: PendingCall[] = [];

  /** Id of the next call. */
  call(name: string, given: string | undefined): string {
    const id = given ?? `${idPrefix}${this.#calls}`;
    this.#calls++;
    this.#pending.push({ id, name });
    return id;
  }

  /** Id of the call that this result answers; an id of its own when there is no such call. */
  result(name: string, given: string | undefined): string {
    const index = this.#pending.findIndex((call) => (given === undefined ? call.name === name : call.id === given));
    const [call] = index === -1 ? [] : this.#pending.splice(index, 1);
    return call?.id ?? given ?? `${idPrefix}orphan_${this.#orphans++}`;
  }
}
