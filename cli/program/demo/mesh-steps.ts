import { field } from '../admin/json-fields.ts';
import { claudeAccount, claudeModel, chatModel, failingAccount, failingModel } from './demo-accounts.ts';
import { askNode, type NodeAnswer } from './ask-node.ts';
import type { DemoMember } from './demo-member.ts';
import type { DemoSite } from './demo-site.ts';
import { dialects } from './dialects.ts';
import { listed, type Seen, type Step } from './step.ts';
import { limitKey } from './limit-key.ts';
import { timeText } from './time-text.ts';
import { until } from './until.ts';

/** What one node learns, all know. Each step leaves the mesh as it was, but for the breaker, which the table shows. */
export const meshSteps: readonly Step[] = [
  { title: 'Breaker', run: openBreaker },
  { title: 'Cache, shared', run: shareCache },
  { title: 'Cache, cleared', run: clearCache },
  { title: 'Account, disabled', run: disableAccount },
  { title: 'Key, with a limit', run: limitKey },
];

/** Enough for any breaker of the defaults, and an end where none opens. */
const failuresMax = 20;

async function openBreaker(site: DemoSite, signal: AbortSignal): Promise<Seen> {
  const [first, ...others] = site.members;
  if (first === undefined) throw new Error('there is no node');
  let failures = 0;
  while (failures < failuresMax && !(await isOpenAt(first)))
    await ask(site, first, failingModel, `failure ${++failures}`, signal);
  const beganMs = site.clock.monotonicMs();
  const afterMs = await Promise.all(
    others.map((other) =>
      until({ ...site, signal, beganMs, isSo: () => isOpenAt(other), what: `the breaker open at ${other.id}` }),
    ),
  );
  const isRight = await isOpenAt(first);
  const where = others.map(({ id }, index) => `${id} ${timeText(afterMs[index] ?? 0)}`);
  return {
    isRight,
    text: `${failures} failures on ${first.id} opened it there, and elsewhere after: ${where.join(', ')}`,
    facts: { failures, after_ms: Object.fromEntries(others.map(({ id }, index) => [id, afterMs[index]])) },
    tookMs: Math.max(...afterMs),
  };
}

async function isOpenAt(member: DemoMember): Promise<boolean> {
  return field(await member.admin.get(`/accounts/${failingAccount}`), 'circuit_breaker_open') === true;
}

/** A member's answer to another is awaited for 20 ms; a machine that is busy may be later, and is asked again. */
const questionsMax = 20;

async function shareCache(site: DemoSite, signal: AbortSignal): Promise<Seen> {
  const [first, ...others] = site.members;
  const last = others.at(-1);
  if (first === undefined || last === undefined) throw new Error('there are too few nodes');
  for (let turn = 1; turn <= questionsMax; turn++) {
    const question = `Asked twice, ${turn}`;
    const one = await ask(site, first, chatModel, question, signal);
    const calls = site.upstream.totals.requests;
    const two = await ask(site, last, chatModel, question, signal);
    const isShared = site.upstream.totals.requests === calls && (two.cache === 'peer' || two.cache === 'hit');
    if (one.cache !== 'miss' || !isShared) continue;
    const facts = { first: one.cache, second: two.cache, first_ms: one.tookMs, second_ms: two.tookMs, turn };
    return {
      isRight: true,
      text: `${first.id}: ${one.cache}; the same on ${last.id}: ${two.cache}, and no account was asked`,
      facts,
      tookMs: two.tookMs,
    };
  }
  return { isRight: false, text: `${last.id} never had what ${first.id} had been answered` };
}

async function clearCache(site: DemoSite, signal: AbortSignal): Promise<Seen> {
  const clearing = site.members[1];
  const others = site.members.filter((member) => member !== clearing);
  const outcomes = (): Promise<string[]> =>
    Promise.all(
      others.map(async (member) => (await ask(site, member, chatModel, `Kept on ${member.id}`, signal)).cache),
    );
  await outcomes();
  const before = await outcomes();
  const beganMs = site.clock.monotonicMs();
  await clearing?.admin.delete('/cache/clear');
  const tookMs = site.clock.monotonicMs() - beganMs;
  const after = await outcomes();
  const isRight = before.every((outcome) => outcome === 'hit') && after.every((outcome) => outcome === 'miss');
  const names = listed(others.map(({ id }) => id));
  return {
    isRight,
    text: `cleared on ${clearing?.id}; before, ${names}: ${words(before)}; after: ${words(after)}`,
    facts: { before, after },
    tookMs,
  };
}

async function disableAccount(site: DemoSite, signal: AbortSignal): Promise<Seen> {
  const caller = site.members.at(-1);
  const statuses = async (what: string): Promise<number[]> =>
    Promise.all(
      site.members.map(async (member) => (await ask(site, member, claudeModel, `While ${what}`, signal)).status),
    );
  const beganMs = site.clock.monotonicMs();
  await caller?.admin.post(`/accounts/${claudeAccount}/disable`, undefined);
  const tookMs = site.clock.monotonicMs() - beganMs;
  const disabled = await statuses('disabled');
  await caller?.admin.post(`/accounts/${claudeAccount}/enable`, undefined);
  const enabled = await statuses('enabled');
  return {
    isRight: disabled.every((status) => status === 503) && enabled.every((status) => status === 200),
    text: `${claudeAccount} off, by ${caller?.id}: all answer ${words(disabled.map(String))}; on: all answer ${words(enabled.map(String))}`,
    facts: { disabled, enabled },
    tookMs,
  };
}

/** One word where all are the same. */
const words = (all: readonly string[]): string => [...new Set(all)].join(', ');

function ask(
  site: DemoSite,
  member: DemoMember,
  model: string,
  question: string,
  signal: AbortSignal,
): Promise<NodeAnswer> {
  const chat = dialects['openai-chat'];
  return askNode(site, { path: chat.path(model, false), body: chat.body(model, false, question) }, signal, member.url);
}
