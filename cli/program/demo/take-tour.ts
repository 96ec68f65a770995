import type { Output } from '../output.ts';
import { askNode, type NodeAnswer } from './ask-node.ts';
import type { DemoSite } from './demo-site.ts';
import { dialects } from './dialects.ts';
import { toolRound } from './tool-round.ts';
import { type Stop, tour } from './tour.ts';

interface Seen {
  answer: NodeAnswer;
  text: string;
  expected: string;
}

/** Makes every request of the tour, one after another, and tells what came of it. Answers how many went wrong. */
export async function takeTour(site: DemoSite, output: Output, signal: AbortSignal): Promise<number> {
  output.line(output.strong('What the node does'));
  let failed = 0;
  for (const [index, stop] of tour.entries()) {
    if (signal.aborted) break;
    try {
      if (!printStop(index + 1, stop, await visit(site, stop, signal), output)) failed++;
    } catch (error) {
      if (signal.aborted) break;
      failed++;
      output.line(
        `  ${String(index + 1).padStart(2)} FAILED  ${titleOf(stop)}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  output.line();
  output.line(failed === 0 ? `  All ${tour.length} went as they should.` : `  ${failed} of ${tour.length} went wrong.`);
  output.line();
  return failed;
}

async function visit(site: DemoSite, stop: Stop, signal: AbortSignal): Promise<Seen> {
  if (stop.hasTool) {
    const { answer, called, said } = await toolRound(site, stop.model, stop.question, signal);
    return {
      answer,
      text: `${called} → ${said}`,
      expected: 'lake_depth({"lake":"example lake"}) → The tools said: 30 metres',
    };
  }
  const client = dialects[stop.dialect];
  const body = client.body(stop.model, stop.isStream, stop.question);
  const answer = await askNode(site, client.path(stop.model, stop.isStream), body, signal);
  const text = stop.isStream ? answer.events.map(client.delta).join('') : client.text(answer.whole);
  return { answer, text, expected: stop.question };
}

const titleOf = (stop: Stop): string => `${dialects[stop.dialect].title}${stop.isStream ? ', streamed' : ''}`;

/** Two lines; true when it went as it should. */
function printStop(number: number, stop: Stop, { answer, text, expected }: Seen, output: Output): boolean {
  const isRight =
    answer.status === 200 &&
    text === expected &&
    answer.account === stop.account &&
    answer.attempts === (stop.attempts ?? 1);
  const way = `${titleOf(stop).padEnd(27)} → ${answer.account.padEnd(7)}`;
  const cost = [
    `${answer.tookMs.toFixed(0)} ms`,
    ...(stop.isStream ? [`${answer.events.length} events`] : []),
    ...(answer.attempts > 1 ? [`${answer.attempts} attempts`] : []),
  ];
  output.line(
    `  ${String(number).padStart(2)} ${isRight ? 'ok ' : 'FAILED'} ${output.strong(way)} ${stop.point} ${output.dim(`(${cost.join(', ')})`)}`,
  );
  output.line(`         ${output.dim(`"${text}"`)}`);
  if (!isRight)
    output.line(
      `         expected ${stop.account}, ${stop.attempts ?? 1} attempts, "${expected}"; status ${answer.status}`,
    );
  return isRight;
}
