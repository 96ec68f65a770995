import { type Clock, systemClock } from '../../kit/clock.ts';
import { vi } from 'vitest';
import { nodeKey, runNode, type TestNode } from '../running-node.ts';
import { Explanations } from './cell.ts';
import type { Door, Subject, SubjectUpstream } from './contract.ts';

/** What `GET /accounts/{id}` says, as far as the cases ask. */
export interface AccountView {
  id: string;
  enabled: boolean;
  unavailable_reason: string | null;
  rests_until: string | null;
  model_breakers: { rests_until: string | null }[];
  error_count: number;
  token: { state: string } | null;
}

const tokenWait = { timeout: 10_000, interval: 20 };

const hasToken = ({ token }: AccountView): boolean => token === null || token.state === 'usable';

export const accountIds = ['first', 'second'] as const;

/** A provider's stand-in, and a node with two accounts there. */
export class RunningSubject {
  readonly subject: Subject;
  readonly explanations: Explanations;
  readonly standIn: SubjectUpstream;
  readonly node: TestNode;
  readonly #age: (ms: number) => void;

  private constructor(subject: Subject, standIn: SubjectUpstream, node: TestNode, age: (ms: number) => void) {
    this.subject = subject;
    this.explanations = new Explanations(subject);
    this.standIn = standIn;
    this.node = node;
    this.#age = age;
  }

  static async start(subject: Subject): Promise<RunningSubject> {
    const standIn = await subject.start();
    const { clock, age } = agingClock();
    const accounts = accountIds.map((id) => ({
      id,
      discovery: false,
      models: id === 'first' ? [subject.model, subject.pairModel] : [subject.pairModel],
      ...standIn.account(id),
    }));
    const running = new RunningSubject(subject, standIn, await runNode({ accounts }, { clock }), age);
    // Logins have their first token soon after the start.
    for (const id of accountIds) await vi.waitUntil(async () => hasToken(await running.account(id)), tokenWait);
    return running;
  }

  get door(): Door {
    return { url: this.node.url, key: nodeKey };
  }

  /** A token that is refused right after it came is not refreshed again; this makes it older. */
  ageTokens(): void {
    this.#age(60_000);
  }

  /** What one case did is no matter of the next. */
  async reset(): Promise<void> {
    this.standIn.upstream.clear();
    for (const id of accountIds) {
      await this.node.post(`/accounts/${id}/reset`, {});
      if (!(await this.account(id)).enabled) await this.node.post(`/accounts/${id}/enable`, {});
    }
  }

  async account(id: string): Promise<AccountView> {
    const response = await this.node.fetch(`/accounts/${id}`);
    if (!response.ok) throw new Error(`GET /accounts/${id}: ${response.status}`);
    return (await response.json()) as AccountView;
  }

  async stop(): Promise<void> {
    await this.node.stop();
    await this.standIn.close();
  }
}

/** The system's clock, but that time without a date can be put forward. */
function agingClock(): { clock: Clock; age(ms: number): void } {
  let aheadMs = 0;
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
  return { clock, age: (ms) => (aheadMs += ms) };
}
