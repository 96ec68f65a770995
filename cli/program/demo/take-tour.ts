import type { Output } from '../output.ts';
import type { DemoSite } from './demo-site.ts';
import { lossSteps } from './loss-steps.ts';
import { meshSteps } from './mesh-steps.ts';
import { requestSteps } from './request-steps.ts';
import { startSteps } from './start-steps.ts';
import type { Chapter, Seen, Step } from './step.ts';
import { timeText } from './time-text.ts';

export interface StepReport {
  title: string;
  ok: boolean;
  tookMs: number;
  text: string;
  facts: Readonly<Record<string, unknown>>;
}

const chaptersOf = (site: DemoSite): readonly Chapter[] => [
  { title: 'The mesh', steps: startSteps, isEssential: true },
  { title: `Requests, through ${site.hasNginx ? 'nginx' : 'node1'}`, steps: requestSteps },
  { title: 'What one node learns, all know', steps: meshSteps },
  { title: 'A node dies', steps: lossSteps() },
];

/** Shows everything, one step after another, and tells what came of each. Answers with the reports of all steps taken. */
export async function takeTour(site: DemoSite, output: Output, end: AbortSignal): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  const tour = new AbortController();
  // What a step that failed left running ends with the tour.
  const signal = AbortSignal.any([end, tour.signal]);
  try {
    for (const chapter of chaptersOf(site)) {
      if (end.aborted) break;
      output.line(output.strong(chapter.title));
      for (const step of chapter.steps) {
        output.pending(`  .. ${step.title}`);
        const report = await take(step, site, signal);
        if (end.aborted) break;
        reports.push(report);
        printReport(report, output);
        if (!report.ok && chapter.isEssential === true) break;
      }
      output.line();
      if (chapter.isEssential === true && reports.some(({ ok }) => !ok)) break;
    }
  } finally {
    tour.abort();
  }
  if (!end.aborted) printOutcome(reports, output);
  return reports;
}

async function take(step: Step, site: DemoSite, signal: AbortSignal): Promise<StepReport> {
  const beganMs = site.clock.monotonicMs();
  const seen = await step.run(site, signal).catch(failed);
  const tookMs = seen.tookMs ?? site.clock.monotonicMs() - beganMs;
  return { title: step.title, ok: seen.isRight, tookMs, text: seen.text, facts: seen.facts ?? {} };
}

const failed = (error: unknown): Seen => ({
  isRight: false,
  text: error instanceof Error ? error.message : String(error),
});

const titleWidth = 26;
const timeWidth = 7;

function printReport({ title, ok, tookMs, text }: StepReport, output: Output): void {
  const mark = ok ? output.good('ok') : output.bad('FAILED');
  const time = output.dim(timeText(tookMs).padStart(timeWidth));
  output.line(`  ${mark} ${title.padEnd(titleWidth)} ${time}  ${text}`);
}

function printOutcome(reports: readonly StepReport[], output: Output): void {
  const wrong = reports.filter(({ ok }) => !ok).length;
  output.line(
    wrong === 0
      ? output.strong(`All ${reports.length} steps went as promised.`)
      : output.bad(`${wrong} of ${reports.length} steps went wrong.`),
  );
  output.line();
}
