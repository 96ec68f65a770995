import { MemoryNetwork } from '../../../cluster/transport/memory.ts';
import type { Codec } from '../../../cluster/post/codec.ts';
import { messagePackCodec } from '../../../cluster/post/message-pack-codec.ts';
import type { ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { Proof } from '../../../cluster/links/contract.ts';
import { linkFaults } from '../../../cluster/links/faults.ts';
import type { Fault } from '../../../kit/fault.ts';
import type { PlantedBug } from '../bugs/planted-bug.ts';
import { noCounts, ViolationError, type Counts, type InvariantName, type Violation } from '../findings.ts';
import { Aftermath } from '../invariants/aftermath.ts';
import { ClearBook } from '../invariants/clears.ts';
import { ConfirmedRecords } from '../invariants/confirmed-records.ts';
import { describeDifferences } from '../invariants/convergence.ts';
import { FalseDeaths } from '../invariants/false-deaths.ts';
import { Leases } from '../invariants/leases.ts';
import { checkLimits } from '../invariants/limits.ts';
import { promisedDespiteLiar } from '../invariants/promises.ts';
import { QuotaLedger } from '../invariants/quota-ledger.ts';
import { beginMisfortunes } from '../misfortunes/misfortunes.ts';
import { heal } from '../misfortunes/heal.ts';
import type { Plan } from '../plan.ts';
import { Issuer } from '../workload/issuer.ts';
import { EventQueue } from './event-queue.ts';
import { HandleCodec } from './handle-codec.ts';
import { Host } from './host.ts';
import { SimProcess } from './sim-process.ts';
import { between, randomStream } from './streams.ts';
import { TraceHash } from './trace-hash.ts';
import { TrueClock } from './true-clock.ts';

export interface WorldOptions {
  readonly plan: Plan;
  readonly bug?: PlantedBug | undefined;
  /** Hears what happens, line by line. */
  readonly trace?: ((line: string) => void) | undefined;
  /** Messages too. */
  readonly isTraceFine?: boolean;
  /** Instead of the handles, or the plan's encoding. */
  readonly codec?: Codec;
  /** Nothing is checked or ends by itself: for measuring. */
  readonly isCalm?: boolean;
  readonly hasNoWork?: boolean;
  /** Every process begins as one that has long been introduced to all others. */
  readonly isFormed?: boolean;
}

export interface WorldResult {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly counts: Counts;
  /** Of everything that happened: equal for equal seeds. */
  readonly hash: string;
  /** True time from healing to convergence. */
  readonly convergedAfterMs: number | undefined;
  readonly virtualMs: number;
}

const checkPeriodMs = 500;

/** Everything there is: hosts, network, issuer, time; runs until its end or its first violation. */
export class World {
  readonly plan: Plan;
  readonly bug: PlantedBug | undefined;
  readonly queue = new EventQueue();
  readonly network: MemoryNetwork;
  readonly codec: Codec;
  readonly counts: Counts = noCounts();
  readonly issuer: Issuer;
  readonly clears = new ClearBook(this);
  readonly confirmedRecords = new ConfirmedRecords(this);
  readonly falseDeaths = new FalseDeaths(this);
  readonly leases = new Leases(this);
  readonly quotas = new QuotaLedger(this);
  readonly hosts: Host[] = [];
  /** The one that has the secret and lies. */
  readonly liar: Host | undefined;
  /** Every record that was written, in words. */
  readonly written = new Set<string>();
  /** Every deletion that was written. */
  readonly deletions: ReplicatedRecord[] = [];
  /** No more work is begun: what is under way may end. */
  isQuiet = false;
  violation: Violation | undefined;
  readonly #options: WorldOptions;
  readonly #hostsByPlace = new Map<string, Host>();
  readonly #hash = new TraceHash();
  readonly #started: SimProcess[] = [];
  readonly #aftermath: Aftermath;
  #convergedMs: number | undefined;
  #isOver = false;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.bug = options.bug;
    this.plan = options.bug?.plan?.(options.plan) ?? options.plan;
    this.codec = options.codec ?? (this.plan.isEncoded ? messagePackCodec : new HandleCodec());
    this.isQuiet = options.hasNoWork === true;
    this.network = new MemoryNetwork({
      clock: new TrueClock(this.queue),
      random: randomStream(this.plan.seed, 'network'),
      weather: this.plan.weather,
      runTurn: (place, turn) => this.hostAt(place)?.process?.turn(turn),
    });
    this.issuer = new Issuer(this, randomStream(this.plan.seed, 'issuer'));
    for (let index = 0; index < this.plan.nodes; index++) this.addHost();
    this.liar = this.#appointLiar();
    this.#aftermath = new Aftermath(this);
  }

  get isFormed(): boolean {
    return this.#options.isFormed === true;
  }

  get isTracing(): boolean {
    return this.#options.trace !== undefined;
  }

  /** The first few of the beginning; they are everyone's seeds, and the static voters. */
  get founders(): readonly Host[] {
    return this.hosts.slice(0, Math.min(this.plan.nodes, 9));
  }

  run(): WorldResult {
    try {
      this.begin();
      while (this.violation === undefined && !this.#isOver) {
        if (!this.queue.step(this.plan.virtualMs)) break;
      }
    } catch (error) {
      if (!(error instanceof ViolationError)) this.#record('no exception escapes', stackOf(error));
    }
    const { healAtMs } = this.plan;
    return {
      seed: this.plan.seed,
      violation: this.violation,
      counts: this.counts,
      hash: this.#hash.text,
      convergedAfterMs: this.#convergedMs === undefined ? undefined : this.#convergedMs - healAtMs,
      virtualMs: this.queue.nowMs,
    };
  }

  /** Lets so much time pass. */
  advance(byMs: number): void {
    const untilMs = this.queue.nowMs + byMs;
    while (this.queue.step(untilMs));
  }

  addHost(): Host {
    const index = this.hosts.length;
    const host = new Host(index, this.queue, randomStream(this.plan.seed, `host ${index}`), this.plan);
    this.hosts.push(host);
    this.#hostsByPlace.set(host.place, host);
    return host;
  }

  start(host: Host): void {
    this.launch(this.make(host));
  }

  /** A process that has not begun yet. */
  make(host: Host): SimProcess {
    const process = new SimProcess(this, host, this.#started.length);
    host.process = process;
    this.#started.push(process);
    return process;
  }

  launch(process: SimProcess): void {
    const { host } = process;
    host.awayFromMs = 0;
    host.awayUntilMs = this.queue.nowMs;
    this.note(() => `${host.nodeId} starts as process ${process.serial}`);
    process.start();
    for (const observe of [this.falseDeaths, this.leases]) observe.watch(process);
  }

  hostAt(place: string): Host | undefined {
    return this.#hostsByPlace.get(place);
  }

  hostOf(nodeId: string): Host | undefined {
    return this.hosts.find((host) => host.nodeId === nodeId);
  }

  /** What a process said of itself, by key; also after its end. */
  saidBy(serial: number): ReadonlyMap<string, number> | undefined {
    return this.#started[serial]?.application.state.said;
  }

  /** Processes that run, also those that stand still. */
  running(): SimProcess[] {
    return this.hosts.flatMap(({ process }) => (process === undefined || process.isEnded ? [] : [process]));
  }

  /** Runs an action as a process, and looks at what it did. */
  turn(process: SimProcess, action: () => void): void {
    this.counts.turns++;
    this.#hash.add(this.queue.nowMs, process.serial);
    try {
      action();
    } catch (error) {
      if (error instanceof ViolationError) throw error;
      this.fail('no exception escapes', `${process.nodeId}: ${stackOf(error)}`);
    }
    if (this.violation !== undefined) throw new ViolationError(this.violation.message);
    this.leases.check(process);
  }

  /** The world ends here: something that must hold does not. Returns where it need not, since a member lies. */
  fail(invariant: InvariantName, message: string): void {
    if (this.liar !== undefined && !promisedDespiteLiar.has(invariant)) return;
    this.#record(invariant, message);
    throw new ViolationError(message);
  }

  note(line: () => string, isFine = false): void {
    if (this.#options.trace === undefined || (isFine && this.#options.isTraceFine !== true)) return;
    this.#options.trace(`${this.queue.nowMs.toFixed(2).padStart(10)} ${line()}`);
  }

  handlerThrew(process: SimProcess, from: string, kind: string, body: unknown, error: unknown, isFault: boolean): void {
    if (error instanceof ViolationError || this.hostOf(from)?.isHostile === true) return;
    const what = `${process.nodeId} on ${kind} of ${from} (${JSON.stringify(body)?.slice(0, 400)}): ${stackOf(error)}`;
    this.fail(isFault ? 'no honest message is refused' : 'no exception escapes', what);
  }

  /** Members that said they have a record. */
  confirmed(record: ReplicatedRecord, acknowledged: readonly string[]): void {
    this.confirmedRecords.add(record, acknowledged);
  }

  seedsOf(host: Host): readonly string[] {
    return this.founders
      .map((each) => each.address)
      .filter((address) => address !== host.address || host.index % 2 === 0);
  }

  foundingOf(host: Host): readonly string[] {
    return [...new Set([...this.founders.map((each) => each.address), host.address])].toSorted();
  }

  /** Asks a seed's HTTP side where its mesh side is: no more reachable than its mesh side. */
  resolve(process: SimProcess, seed: string, done: (result: readonly string[] | Fault) => void): void {
    const host = this.hosts.find((each) => each.address === seed);
    const { place } = process.host;
    this.queue.after(2 * this.network.latencyMs() + 1, () => {
      const transport = host?.process?.transport;
      const isCut =
        host === undefined || this.network.isCut(place, host.place) || this.network.isCut(host.place, place);
      const addresses = isCut || host.isHeld ? [] : (transport?.addresses() ?? []);
      process.turn(() =>
        done(addresses.length > 0 ? addresses : linkFaults.seed_unreachable(`Nobody answers at ${seed}.`)),
      );
    });
  }

  /** Everyone of this world has the secret. */
  readonly proof: Proof = {
    make: (from, to) => `${from} to ${to}`,
    check: (from, to, proof) => proof === `${from} to ${to}`,
  };

  fatal(process: SimProcess, fault: Error): void {
    this.note(() => `${process.nodeId} must stop: ${fault.message}`);
    this.queue.after(0, () => {
      if (!process.isEnded) process.end(true);
    });
  }
  hasLostDiskSince(atMs: number): boolean {
    return this.hosts.some(({ diskLostMs }) => diskLostMs >= atMs);
  }

  /** Lets the hosts start; `run` does so itself. */
  begin(): void {
    const random = randomStream(this.plan.seed, 'begin');
    for (const host of this.hosts) this.queue.after(between(random, 0, 1500), () => this.start(host));
    if (this.#options.isCalm === true) return;
    beginMisfortunes(this);
    this.queue.after(this.plan.healAtMs, () => {
      this.isQuiet = true;
      heal(this);
      this.#awaitConvergence(0);
    });
    this.#checkNowAndThen();
  }

  #checkNowAndThen(): void {
    this.queue.after(checkPeriodMs, () => {
      checkLimits(this);
      this.#checkNowAndThen();
    });
  }

  /** Converged several times in a row: it stays. */
  #awaitConvergence(inARow: number): void {
    this.queue.after(checkPeriodMs, () => {
      const difference = describeDifferences(this) ?? this.#aftermath.difference();
      if (difference === undefined && inARow === 3) {
        this.confirmedRecords.check();
        this.#convergedMs = this.queue.nowMs;
        this.#awaitUnits();
      } else if (this.#isNearEnd) {
        if (difference !== undefined) this.fail('everything converges', difference);
      } else this.#awaitConvergence(difference === undefined ? inARow + 1 : 0);
    });
  }

  #awaitUnits(): void {
    const missing = this.#aftermath.missingUnits();
    if (missing === undefined) this.#isOver = true;
    else if (this.#isNearEnd) this.fail('units come back', missing);
    else this.queue.after(checkPeriodMs, () => this.#awaitUnits());
  }

  get #isNearEnd(): boolean {
    const { healAtMs, convergeMs } = this.plan;
    return this.queue.nowMs > healAtMs + convergeMs - checkPeriodMs;
  }

  /** The others must be a majority without it. */
  #appointLiar(): Host | undefined {
    if (this.plan.misfortunes.hostileMeanMs === undefined || this.plan.nodes < 3) return undefined;
    const liar = this.hosts.at(-1);
    if (liar !== undefined) liar.isHostile = true;
    return liar;
  }

  #record(invariant: InvariantName, message: string): void {
    this.violation ??= { invariant, message, atMs: this.queue.nowMs };
    this.note(() => `VIOLATION ${invariant}: ${message}`);
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
