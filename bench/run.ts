import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { BenchRoom } from './bench-room.ts';
import { ChildProcesses } from './child-processes.ts';
import { chooseCores } from './cores.ts';
import { LoadSide } from './load-side.ts';
import { parseOptions, usage, type BenchOptions } from './options.ts';
import { profileTarget } from './profiling.ts';
import type { BenchResult, WorkResult } from './report/contract.ts';
import { pageOf } from './report/page.ts';
import { tableOf } from './report/table.ts';
import type { Target } from './targets/contract.ts';
import { fromRoot } from './targets/programs.ts';
import { targets } from './targets/registry.ts';
import type { Work } from './work/contract.ts';
import { works } from './work/registry.ts';

const outFolder = fromRoot('bench/out');

try {
  const command = parseOptions(process.argv.slice(2));
  if (command.kind === 'help') console.log(usage);
  else if (command.kind === 'list') console.log(list());
  else process.exitCode = await bench(command.options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
process.exit();

/** Exit code: 0, or 1 when a work failed or a figure is not to be trusted. A goal that is missed is not a failure. */
async function bench(options: BenchOptions): Promise<number> {
  const children = new ChildProcesses();
  const cores = chooseCores();
  const startedAt = new Date().toISOString();
  const runFolder = join(outFolder, `run-${startedAt.replaceAll(':', '.')}`);
  mkdirSync(runFolder, { recursive: true });
  const side = await LoadSide.start(children, cores.load, join(runFolder, 'load.log'));
  const room = new BenchRoom({ options, cores, children, side, runFolder });
  if (options.profile !== undefined) {
    console.log(await profileTarget(room, chosen(targets, [options.profile])[0] as Target, join(runFolder, 'profile')));
    return 0;
  }
  const notes = [
    cores.unpinned === undefined
      ? `targets on core ${cores.target}, load and upstream on core ${cores.load}`
      : `not held to cores: ${cores.unpinned}; ratios are less certain`,
    `${options.rounds} rounds of ${options.seconds} s for each target; medians, with the range of the rounds`,
    ...(await startTargets(room, options)),
  ];
  console.log(`${machine()}\n${notes.join('\n')}\n`);
  const results = await runWorks(room, options);
  const present = targets.filter((target) => isPresent(room, target)).map(({ name, summary }) => ({ name, summary }));
  write(options, { startedAt, machine: machine(), notes, targets: present, works: results });
  return results.some(({ rows }) => rows.some(({ trouble }) => trouble !== undefined)) ? 1 : 0;
}

/** Starts what can be started; a target that was asked for by name must. Gives a line for each that is absent. */
async function startTargets(room: BenchRoom, options: BenchOptions): Promise<string[]> {
  const absent: string[] = [];
  const asked = chosen(targets, options.targets);
  for (const target of targets) {
    const isNamed = options.targets !== undefined && asked.includes(target);
    const isYardstick = target === targets[0];
    const isAsked = isNamed || (options.targets === undefined && target.byDefault);
    if (!isAsked && !isYardstick && !(options.portkey && target.name === 'portkey')) continue;
    const isStarted = target.startedBy !== 'work';
    const reason = target.missing() ?? (isStarted ? await admitted(room, target) : undefined);
    if (reason !== undefined && (isNamed || isYardstick)) throw new Error(reason);
    if (reason !== undefined) absent.push(`without ${target.name}: ${reason}`);
  }
  return absent;
}

async function admitted(room: BenchRoom, target: Target): Promise<string | undefined> {
  return room.admit(target).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

async function runWorks(room: BenchRoom, options: BenchOptions): Promise<WorkResult[]> {
  const results: WorkResult[] = [];
  for (const work of chosen<Work>(works, options.works)) {
    const result = await work.run(room);
    console.log(tableOf(result));
    results.push(result);
  }
  return results;
}

function isPresent(room: BenchRoom, target: Target): boolean {
  return target.startedBy === 'work' ? room.isAsked(target) : room.named(target.name).length > 0;
}

function write(options: BenchOptions, result: BenchResult): void {
  const page = options.htmlFile ?? join(outFolder, 'report.html');
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, pageOf(result));
  console.log(`report: ${page}`);
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(result, null, 2)}\n`);
}

/** Those of these names, in their own order; all when none are named. */
function chosen<T extends { readonly name: string }>(all: readonly T[], names: readonly string[] | undefined): T[] {
  const unknown = names?.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) throw new Error(`no ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`);
  return all.filter(({ name }) => names === undefined || names.includes(name));
}

function list(): string {
  const lines = [...works.map((work) => ['work', work] as const), ...targets.map((one) => ['target', one] as const)];
  return lines.map(([kind, { name, summary }]) => `${kind.padEnd(7)} ${name.padEnd(22)} ${summary}`).join('\n');
}

function machine(): string {
  return `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`;
}
