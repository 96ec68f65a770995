import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchRoom } from './bench-room.ts';
import type { ExchangeName } from './load/exchanges.ts';
import { type CpuProfile, selfTimes, type Window } from './profile.ts';
import type { Target } from './targets/contract.ts';

/** Functions shown of each profile. */
const linesShown = 40;

const profiled: readonly ExchangeName[] = [
  'openai',
  'anthropic-to-openai',
  'openai-stream',
  'anthropic-to-openai-stream',
];

/** Runs a target under `--cpu-prof`, one fresh process for each exchange, and gives the expensive functions as text. */
export async function profileTarget(room: BenchRoom, target: Target, folder: string): Promise<string> {
  const parts: string[] = [];
  const asked = target.translates ? profiled : profiled.filter((exchange) => !exchange.includes('-to-'));
  for (const exchange of asked) {
    const into = join(folder, exchange);
    mkdirSync(into, { recursive: true });
    const running = await room.startOne(target, ['--cpu-prof', `--cpu-prof-dir=${into}`]);
    await room.warmUp(running, exchange);
    const from = monotonicUs();
    const sample = await room.closed(running, exchange);
    const to = monotonicUs();
    await running.stop();
    const cpu = (sample.targetCpuSeconds * 1e6) / Math.max(1, sample.requests);
    parts.push(
      `${target.name}, ${exchange}: ${Math.round(cpu)} µs of CPU for each answer (profiled)`,
      ...lines(into, [from, to]),
    );
  }
  return parts.join('\n');
}

/** The clock of V8's profiles on Linux (CLOCK_MONOTONIC), which is that of `process.hrtime`. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

function lines(folder: string, window: Window): string[] {
  const shown: string[] = [];
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    const file = join(folder, name);
    const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    shown.push(`  ${file}`);
    for (const { share, place } of selfTimes(profile, linesShown, window)) {
      shown.push(`  ${(share * 100).toFixed(1).padStart(5)} %  ${place}`);
    }
  }
  return shown;
}
