import { priorities, type Priority } from './groups.ts';

export interface FailoverPolicy {
  /** False: only the active priority serves, by default the first. */
  autoFailover: boolean;
  autoRecovery: boolean;
  /** Failed checks in a row that count an account as down; read by `PriorityWatch`. */
  failureThreshold: number;
  /** How long after a failover traffic stays down at least, so that it does not flap. */
  cooldownMs: number;
}

export const failoverDefaults: FailoverPolicy = {
  autoFailover: true,
  autoRecovery: true,
  failureThreshold: 3,
  cooldownMs: 300_000,
};

/** Of a priority: has an account that is not down, has only such as are, has none. */
export type LevelHealth = 'well' | 'down' | 'empty';
export type SwitchCause = 'failover' | 'recovery' | 'manual' | 'remote';

export interface FailoverSwitch {
  from: Priority;
  to: Priority;
  cause: SwitchCause;
  atMs: number;
}

/** Switches remembered for `/priority/history`. */
export const historyMax = 200;

/**
 * Which priority serves, as a pure state machine with time as an argument:
 *
 *   primary ──all down──► secondary ──all down──► fallback
 *      ▲                      │                      │
 *      └── well again, and cooldown passed since ────┘
 *
 * A priority that a person chose stays until it is down itself or a person chooses again.
 */
export class Failover {
  policy: FailoverPolicy;
  readonly #history: FailoverSwitch[] = [];
  readonly #listeners: ((change: FailoverSwitch) => void)[] = [];
  #active: Priority = 'primary';
  #isManual = false;
  #switchedAtMs = -Infinity;

  constructor(policy: Partial<FailoverPolicy> = {}) {
    this.policy = { ...failoverDefaults, ...policy };
  }

  get active(): Priority {
    return this.#active;
  }

  /** True while a person's choice holds. */
  get isManual(): boolean {
    return this.#isManual;
  }

  /** Newest first. */
  get history(): readonly FailoverSwitch[] {
    return this.#history;
  }

  onSwitch(listener: (change: FailoverSwitch) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Priorities that may serve, in the order in which a request tries them: the active one, then those below it, then
   * those above. The others come in only for requests that the active one cannot serve, so that none fails needlessly.
   */
  get order(): readonly Priority[] {
    return this.policy.autoFailover ? spillOrders[this.#active] : onlyOrders[this.#active];
  }

  /** Looks at the health of each priority; call it on every change and at least every few seconds. */
  update(nowMs: number, health: Readonly<Record<Priority, LevelHealth>>): FailoverSwitch | undefined {
    if (health[this.#active] === 'well') return this.#maybeRecover(nowMs, health);
    if (!this.policy.autoFailover) return undefined;
    const better = spillOrders[this.#active].find((priority) => health[priority] === 'well');
    if (better === undefined) return undefined;
    // Up is a way out too: there the cooldown does not count, for staying would serve nobody.
    const isUp = priorities.indexOf(better) < priorities.indexOf(this.#active);
    return this.#switch(better, isUp ? 'recovery' : 'failover', nowMs);
  }

  /** A person's choice. */
  switchTo(priority: Priority, nowMs: number): FailoverSwitch | undefined {
    this.#isManual = true;
    return this.#switch(priority, 'manual', nowMs);
  }

  /** Gives the choice back to the machine: it recovers once the cooldown has passed. */
  release(): void {
    this.#isManual = false;
  }

  /** Another node's switch, or one kept over a restart: taken as it is. */
  applyRemote(state: { active: Priority; isManual: boolean; switchedAtMs: number }): void {
    this.#isManual = state.isManual;
    this.#switch(state.active, 'remote', state.switchedAtMs);
  }

  #maybeRecover(nowMs: number, health: Readonly<Record<Priority, LevelHealth>>): FailoverSwitch | undefined {
    if (!this.policy.autoRecovery || this.#isManual) return undefined;
    // A wall clock that went back must not hold traffic down for as long.
    const sinceMs = Math.abs(nowMs - this.#switchedAtMs);
    if (sinceMs < this.policy.cooldownMs) return undefined;
    const best = priorities.find((priority) => health[priority] === 'well');
    return best === undefined ? undefined : this.#switch(best, 'recovery', nowMs);
  }

  #switch(to: Priority, cause: SwitchCause, atMs: number): FailoverSwitch | undefined {
    if (to === this.#active) return undefined;
    const change = { from: this.#active, to, cause, atMs };
    this.#active = to;
    this.#switchedAtMs = atMs;
    if (cause === 'failover') this.#isManual = false;
    this.#history.unshift(change);
    if (this.#history.length > historyMax) this.#history.pop();
    for (const listener of this.#listeners) listener(change);
    return change;
  }
}

const spillOrders: Record<Priority, readonly Priority[]> = {
  primary: ['primary', 'secondary', 'fallback'],
  secondary: ['secondary', 'fallback', 'primary'],
  fallback: ['fallback', 'primary', 'secondary'],
};

const onlyOrders: Record<Priority, readonly Priority[]> = {
  primary: ['primary'],
  secondary: ['secondary'],
  fallback: ['fallback'],
};
