import type { StreamEvent } from './contract.ts';

/**
 * Checks that events come in the order which the contract promises. Answers what is wrong with the next event, or
 * undefined; used by tests of every decoder and encoder.
 */
export class OrderCheck {
  #state: 'before' | 'open' | 'in-tool' | 'finished' | 'failed' = 'before';

  /** Why this event may not come now. */
  next(event: StreamEvent): string | undefined {
    const state = this.#state;
    if (state === 'failed') return `${event.type} after fault`;
    if (event.type === 'fault') {
      this.#state = 'failed';
      return state === 'finished' ? 'fault after finish' : undefined;
    }
    if (state === 'before') {
      this.#state = 'open';
      return event.type === 'start' ? undefined : `${event.type} before start`;
    }
    if (event.type === 'start') return 'a second start';
    if (event.type === 'usage') return undefined;
    if (state === 'finished') return `${event.type} after finish`;
    return this.#nextContent(event, state === 'in-tool');
  }

  /** What is missing at the end. */
  end(): string | undefined {
    return this.#state === 'finished' || this.#state === 'failed' ? undefined : `ended while ${this.#state}`;
  }

  #nextContent(event: StreamEvent, isInTool: boolean): string | undefined {
    const belongsToTool = event.type === 'tool_arguments' || event.type === 'tool_end';
    if (belongsToTool !== isInTool) return `${event.type} ${isInTool ? 'inside' : 'outside'} a tool call`;
    if (event.type === 'tool_start') this.#state = 'in-tool';
    else if (event.type === 'tool_end') this.#state = 'open';
    else if (event.type === 'finish') this.#state = 'finished';
    return undefined;
  }
}

/** The first breach of the order in a complete list of events; undefined when there is none. */
export function orderBreach(events: Iterable<StreamEvent>): string | undefined {
  const check = new OrderCheck();
  for (const event of events) {
    const breach = check.next(event);
    if (breach !== undefined) return breach;
  }
  return check.end();
}
