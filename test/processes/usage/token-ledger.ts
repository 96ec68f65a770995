/** What an upstream says that one request used. The kinds do not overlap. */
export interface Tokens {
  readonly prompt: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly completion: number;
}

/** Different for most requests, and the same however often one is asked. */
export function tokensOf(id: number, api: 'openai' | 'anthropic'): Tokens {
  return {
    prompt: 100 + (id % 97),
    cacheRead: id % 5 === 0 ? 64 + (id % 11) : 0,
    // OpenAI's answers do not tell of these.
    cacheWrite: api === 'anthropic' && id % 7 === 0 ? 32 + (id % 3) : 0,
    completion: 5 + (id % 13),
  };
}

/** What upstreams gave away, by the number in the request's text. Counts every answer that went out to its end. */
export class TokenLedger {
  readonly answers = new Map<number, Tokens[]>();

  note(id: number, tokens: Tokens): void {
    const known = this.answers.get(id) ?? [];
    this.answers.set(id, known);
    known.push(tokens);
  }

  /** Of these requests, every answer of each. */
  sum(ids: Iterable<number>): Tokens & { readonly requests: number } {
    const sum = { requests: 0, prompt: 0, cacheRead: 0, cacheWrite: 0, completion: 0 };
    for (const id of ids) {
      for (const tokens of this.answers.get(id) ?? []) {
        sum.requests++;
        sum.prompt += tokens.prompt;
        sum.cacheRead += tokens.cacheRead;
        sum.cacheWrite += tokens.cacheWrite;
        sum.completion += tokens.completion;
      }
    }
    return sum;
  }
}
