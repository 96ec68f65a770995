/**
 * `npm run simulate`: worlds by the thousand, over both cores. A seed that fails is printed as the command that runs it
 * again, exactly; exit code 1 then.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { plantedBugs } from './bugs/planted-bugs.ts';
import { printCosts } from './cost/print-costs.ts';
import { parseOptions, usage, type RunOptions } from './options.ts';
import { Sum } from './sum.ts';
import { simulate } from './simulate.ts';
import type { WorldResult } from './world/world.ts';

/** Findings that are printed; the first few say enough. */
const findingsMax = 20;
const progressPeriodMs = 2000;

const options = readOptions();
if (options.isCost) printCosts(options.costSizes);
else if (options.seeds === 1) runOne(options);
else await runMany(options);

function readOptions(): RunOptions {
  try {
    const parsed = parseOptions(process.argv.slice(2));
    if (parsed.bug !== undefined && !plantedBugs.some(({ name }) => name === parsed.bug)) {
      throw new Error(`no bug named ${parsed.bug}; there are ${plantedBugs.map(({ name }) => name).join(', ')}`);
    }
    return parsed;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

function runOne({ seed, nodes, virtualMs, bug, isHostile, isTracing, isTraceFine }: RunOptions): void {
  const result = simulate({
    seed,
    nodes,
    virtualMs,
    bug: plantedBugs.find(({ name }) => name === bug),
    isHostile,
    ...(isTracing ? { trace: (line: string) => console.log(line) } : {}),
    isTraceFine,
  });
  console.log(
    `seed ${seed}: hash ${result.hash}, ${result.counts.turns} turns, ${Math.round(result.virtualMs)} virtual ms`,
  );
  if (result.violation === undefined) console.log('nothing found');
  else tell(result, options);
}

async function runMany(asked: RunOptions): Promise<void> {
  const startedMs = performance.now();
  const sum = new Sum();
  let next = asked.seed;
  const end = asked.seed + asked.seeds;
  const take = () => (next < end && sum.findings < findingsMax ? next++ : undefined);
  const hear = (result: WorldResult) => {
    sum.add(result);
    tell(result, asked);
  };
  const timer = setInterval(() => console.log(sum.line(startedMs, asked.seeds)), progressPeriodMs);
  await Promise.all(Array.from({ length: asked.workers }, () => work(asked, take, hear)));
  clearInterval(timer);
  console.log(sum.line(startedMs, asked.seeds));
  console.log(sum.table());
  console.log(sum.findings === 0 ? 'nothing found' : `${sum.findings} findings`);
}

/** A worker process that is given seeds until there are none. */
function work(asked: RunOptions, take: () => number | undefined, heard: (result: WorldResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'worker.ts'), { stdio: 'inherit' });
    const give = () => {
      const seed = take();
      if (seed === undefined) child.disconnect();
      else
        child.send({
          seed,
          nodes: asked.nodes,
          virtualMs: asked.virtualMs,
          bug: asked.bug,
          isHostile: asked.isHostile,
        });
    };
    child.on('message', (result: WorldResult) => {
      heard(result);
      give();
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
    give();
  });
}

function tell({ seed, violation }: WorldResult, { nodes, virtualMs, bug, isHostile }: RunOptions): void {
  if (violation === undefined) return;
  process.exitCode = 1;
  const rest = [
    virtualMs === 60_000 ? '' : ` --seconds ${virtualMs / 1000}`,
    bug === undefined ? '' : ` --bug ${bug}`,
    isHostile ? ' --hostile' : '',
  ].join('');
  console.log(`FOUND ${violation.invariant} at ${Math.round(violation.atMs)} ms: ${violation.message}`);
  console.log(`  npm run simulate -- --seed ${seed} --nodes ${nodes}${rest}`);
}
