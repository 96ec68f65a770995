import { askNode, type NodeAnswer } from './ask-node.ts';
import type { DemoSite } from './demo-site.ts';
import { dialects } from './dialects.ts';
import type { Seen, Step } from './step.ts';
import { toolRound } from './tool-round.ts';
import { type Stop, tour } from './tour.ts';

interface Answered {
  answer: NodeAnswer;
  text: string;
  expected: string;
}

/** Every request of the tour as a step. */
export const requestSteps: readonly Step[] = tour.map((stop) => ({
  title: `${dialects[stop.dialect].title}${stop.isStream ? ', streamed' : ''}`,
  run: async (site, signal) => seenOf(stop, await visit(site, stop, signal)),
}));

async function visit(site: DemoSite, stop: Stop, signal: AbortSignal): Promise<Answered> {
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
  const answer = await askNode(site, { path: client.path(stop.model, stop.isStream), body }, signal);
  const text = stop.isStream ? answer.events.map(client.delta).join('') : client.text(answer.whole);
  return { answer, text, expected: stop.question };
}

function seenOf(stop: Stop, { answer, text, expected }: Answered): Seen {
  const { account, node, status, attempts, tookMs, events } = answer;
  const attemptsExpected = stop.attempts ?? 1;
  const isRight = status === 200 && text === expected && account === stop.account && attempts === attemptsExpected;
  const facts = { node, account, status, attempts, events: events.length, text };
  const way = `${node} → ${account.padEnd(6)}  ${stop.point}`;
  const wrong = `expected ${stop.account}, ${attemptsExpected} attempts, "${expected}"; got ${account}, ${attempts} attempts, status ${status}, "${text}"`;
  return { isRight, text: isRight ? way : wrong, facts, tookMs };
}
