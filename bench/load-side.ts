import type { ChildProcess } from 'node:child_process';
import { type ChildProcesses, unlessEnded } from './child-processes.ts';
import type { LoadOrder, LoadOutcome, LoadReport } from './load/contract.ts';
import { fromRoot } from './targets/programs.ts';

/** The load process, seen from the bench: one order at a time. */
export class LoadSide {
  readonly upstreamPort: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, upstreamPort: number) {
    this.#child = child;
    this.upstreamPort = upstreamPort;
  }

  static async start(children: ChildProcesses, core: number | undefined, logFile: string): Promise<LoadSide> {
    const command = [process.execPath, fromRoot('bench/load/main.ts')];
    const child = children.start({ command, core, logFile, ipc: true });
    const report = await nextReport(child);
    if (report.kind !== 'ready') throw new Error(`the load side did not start: see ${logFile}`);
    return new LoadSide(child, report.upstreamPort);
  }

  async run(order: LoadOrder): Promise<LoadOutcome> {
    this.#child.send(order);
    const report = await nextReport(this.#child);
    if (report.kind === 'outcome') return report.outcome;
    throw new Error(`the load side failed: ${report.kind === 'failed' ? report.reason : report.kind}`);
  }
}

function nextReport(child: ChildProcess): Promise<LoadReport> {
  return unlessEnded(child, new Promise((resolve) => child.once('message', (report) => resolve(report as LoadReport))));
}
