import type { DemoMember } from './demo-member.ts';
import type { DemoSite } from './demo-site.ts';
import { Load } from './load.ts';
import { type Seen, type Step } from './step.ts';
import { timeText } from './time-text.ts';
import { until } from './until.ts';

/** Requests that have to be answered before the kill, and after it. */
const requestsBefore = 50;
const requestsAfter = 150;

/** What the steps share; made anew for each tour. */
interface Loss {
  killed: DemoMember;
  others: readonly DemoMember[];
  load: Load;
  /** By node, milliseconds after the kill. */
  noticed: Promise<readonly number[]>;
  led: Promise<{ leader: string; tookMs: number }>;
}

/** The leader is killed and comes back. */
export function lossSteps(): readonly Step[] {
  let begun: Loss | undefined;
  const loss = (): Loss => {
    if (begun === undefined) throw new Error('no node was killed');
    return begun;
  };
  return [
    {
      title: 'Leader killed',
      async run(site, signal) {
        begun = await killLeader(site, signal);
        const text = `SIGKILL to ${begun.killed.id}, the leader, while requests run`;
        return { isRight: true, text, facts: { killed: begun.killed.id } };
      },
    },
    { title: 'Noticed', run: () => notice(loss()) },
    {
      title: 'New leader',
      async run() {
        const { leader, tookMs } = await loss().led;
        return { isRight: true, text: `${leader} leads`, facts: { leader }, tookMs };
      },
    },
    { title: 'Requests meanwhile', run: (site, signal) => count(loss(), site, signal) },
    { title: 'Back again', run: (site, signal) => comeBack(loss(), site, signal) },
  ];
}

async function killLeader(site: DemoSite, signal: AbortSignal): Promise<Loss> {
  const leader = (await site.members[0]?.status())?.leader;
  const killed = site.members.find(({ id }) => id === leader);
  if (killed === undefined) throw new Error('no node leads');
  const load = new Load(site, signal);
  await moreAnswered(site, load, requestsBefore, signal);
  const beganMs = site.clock.monotonicMs();
  await killed.kill();
  const others = site.members.filter((member) => member !== killed);
  // Both are watched from the first moment on.
  const noticed = Promise.all(others.map((member) => untilDead(site, killed.id, member, beganMs, signal)));
  const led = untilLed(site, others, beganMs, signal);
  // They are awaited by later steps, or by none when one fails.
  noticed.catch(() => undefined);
  led.catch(() => undefined);
  return { killed, others, load, noticed, led };
}

function untilDead(
  site: DemoSite,
  id: string,
  member: DemoMember,
  beganMs: number,
  signal: AbortSignal,
): Promise<number> {
  return until({
    ...site,
    signal,
    beganMs,
    what: `${id} dead for ${member.id}`,
    isSo: async () => (await member.status()).members.some(({ nodeId, state }) => nodeId === id && state === 'dead'),
  });
}

async function untilLed(site: DemoSite, members: readonly DemoMember[], beganMs: number, signal: AbortSignal) {
  let leader = '';
  const isSo = async (): Promise<boolean> => {
    const leaders = new Set((await Promise.all(members.map((member) => member.status()))).map((seen) => seen.leader));
    [leader = ''] = leaders;
    return leaders.size === 1 && members.some(({ id }) => id === leader);
  };
  const tookMs = await until({ ...site, signal, beganMs, isSo, what: 'a new leader, the same for all who are left' });
  return { leader, tookMs };
}

async function notice({ others, noticed }: Loss): Promise<Seen> {
  const afterMs = await noticed;
  const who = others.map(({ id }, index) => `${id} ${timeText(afterMs[index] ?? 0)}`);
  const facts = { after_ms: Object.fromEntries(others.map(({ id }, index) => [id, afterMs[index]])) };
  return { isRight: true, text: `dead for ${who.join(', ')}`, facts, tookMs: Math.max(...afterMs) };
}

async function count({ load }: Loss, site: DemoSite, signal: AbortSignal): Promise<Seen> {
  await moreAnswered(site, load, requestsAfter, signal);
  const { requests, repeated, failed } = await load.stop();
  const over = repeated === 0 ? '' : `; ${repeated} that died with it asked once more`;
  const text = `${requests} through ${site.hasNginx ? 'nginx' : 'the living nodes'}: ${failed} failed${over}`;
  return { isRight: failed === 0, text, facts: { requests, repeated, failed } };
}

async function comeBack({ killed }: Loss, site: DemoSite, signal: AbortSignal): Promise<Seen> {
  await killed.start();
  await untilWhole(site, signal);
  return { isRight: true, text: `${killed.id} started again; all ${site.members.length} see each other` };
}

/** All nodes are alive for all, and they agree on everything. */
export async function untilWhole(site: DemoSite, signal: AbortSignal): Promise<{ tookMs: number; leader: string }> {
  let leader: string | undefined;
  const tookMs = await until({
    ...site,
    signal,
    what: 'all nodes see each other',
    isSo: async () => {
      const seen = await Promise.all(site.members.map((member) => member.status()));
      leader = seen[0]?.leader;
      return seen.every(
        (status) =>
          status.isConverged &&
          status.leader !== undefined &&
          status.leader === leader &&
          status.members.filter(({ state }) => state === 'alive').length === site.members.length,
      );
    },
  });
  return { tookMs, leader: leader ?? '' };
}

async function moreAnswered(site: DemoSite, load: Load, more: number, signal: AbortSignal): Promise<void> {
  const wanted = load.answered + more;
  await until({ ...site, signal, isSo: () => load.answered >= wanted, what: `${more} requests answered` });
}
