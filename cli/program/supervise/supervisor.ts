import type { Clock } from '../../../kit/clock.ts';
import type { Log } from '../../../kit/log.ts';
import type { Random } from '../../../kit/random.ts';
import { exitCodes } from '../exit-codes.ts';
import type { AdminFacts, NodeFacts } from './messages.ts';
import { Slot } from './slot.ts';
import type { Exit, SupervisedProcess } from './supervised-process.ts';

/** So many failures in a row, and it is the settings or the machine: a person has to look. */
const failuresMax = 5;

export interface SupervisorParts {
  readonly count: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Starts the process of node `index`, from 1. */
  spawn(index: number): SupervisedProcess;
  nameOf(index: number): string;
  /** A node made the first user. */
  onAdmin(made: AdminFacts): void;
  /** What is wrong with the settings as they are now, a line each; asked before nodes are replaced one by one. */
  complaints(): Promise<readonly string[]>;
}

/**
 * Keeps a number of nodes running: starts them, starts again what crashed, replaces them one by one, stops them. Runs
 * no node itself and reads no settings: it has to survive what they do not.
 */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #slots: readonly Slot[];
  readonly #outcome = Promise.withResolvers<number>();
  #isUp = false;
  #isStopping = false;
  #isRolling = false;
  #isRollWanted = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    const { clock, random, log, onAdmin } = parts;
    this.#slots = Array.from({ length: parts.count }, (_, position) => {
      const onFailure = (failures: number, exit: Exit) => this.#judge(parts.nameOf(position + 1), failures, exit);
      const spawn = () => parts.spawn(position + 1);
      return new Slot({ name: parts.nameOf(position + 1), clock, random, log, spawn, onAdmin, onFailure });
    });
  }

  /** The exit code, once all is over. */
  get outcome(): Promise<number> {
    return this.#outcome.promise;
  }

  get pids(): (number | undefined)[] {
    return this.#slots.map(({ pid }) => pid);
  }

  /**
   * Starts the first node, and the others once it listens: what is wrong with the settings is told once. Resolves when
   * all listen, with what they say of themselves; never when they do not (see `outcome`).
   */
  async start(): Promise<NodeFacts[]> {
    const [first, ...others] = this.#slots;
    if (first === undefined) return [];
    const nodes = [await first.start(), ...(await Promise.all(others.map((slot) => slot.start())))];
    this.#isUp = true;
    return nodes;
  }

  /** Replaces the nodes one by one, the next once the former is ready. A call during another leads to one more after it. */
  async roll(): Promise<void> {
    this.#isRollWanted = true;
    if (this.#isRolling) return;
    this.#isRolling = true;
    while (this.#isRollWanted && !this.#isStopping) {
      this.#isRollWanted = false;
      await this.#rollOnce();
    }
    this.#isRolling = false;
  }

  /** Drains all nodes and ends with 0; a second call changes nothing. */
  stop(): void {
    this.#end(exitCodes.ok);
  }

  /** Ends all nodes at once. */
  kill(exitCode: number): void {
    this.#end(exitCode);
    for (const slot of this.#slots) slot.kill();
    this.#outcome.resolve(exitCode);
  }

  #end(exitCode: number): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    void Promise.all(this.#slots.map((slot) => slot.stop())).then(() => this.#outcome.resolve(exitCode));
  }

  async #rollOnce(): Promise<void> {
    const { log } = this.#parts;
    const errors = await this.#parts.complaints();
    if (errors.length > 0) return log.error('the settings have errors; the nodes go on with the old ones', { errors });
    log.info('replacing the nodes one by one', { nodes: this.#slots.length });
    for (const [position, slot] of this.#slots.entries()) {
      if (this.#isStopping) return;
      const node = this.#parts.nameOf(position + 1);
      if (await slot.renew()) log.info('replaced a node', { node });
      else if (!this.#isStopping)
        return log.error('a new node ended before it was ready; the others stay as they are', { node });
    }
    log.info('replaced all nodes');
  }

  #judge(name: string, failures: number, { code, signal }: Exit): void {
    // A mesh that was up once goes on with the nodes that it has.
    if (this.#isStopping || (this.#isUp && this.#slots.some(({ isReady }) => isReady))) return;
    const isHopeless = code === exitCodes.usage || failures >= failuresMax;
    if (!isHopeless) return;
    const how = signal === null ? `code ${code}` : signal;
    const times = failures === 1 ? '' : ` ${failures} times in a row`;
    this.#parts.log.error(`node ${name} ended with ${how}${times}; giving up`);
    this.#end(code === null || code === exitCodes.ok ? exitCodes.failure : code);
  }
}
