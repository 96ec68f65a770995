import { field, listOf, numberOf, textOf } from '../admin/json-fields.ts';
import { askNode } from './ask-node.ts';
import { chatModel } from './demo-accounts.ts';
import type { DemoMember } from './demo-member.ts';
import type { DemoSite } from './demo-site.ts';
import { dialects } from './dialects.ts';
import type { Seen } from './step.ts';
import { until } from './until.ts';

/** Few, so that it is quick, and a third for each of three nodes, whose sum counts. */
const limit = 6;

/** Turns at both nodes; by then a limit that holds has been met. */
const turnsMax = limit * 2;

/** A key with a limit is used at two nodes until both refuse it; a third one tells its usage, and revokes it for all. */
export async function limitKey(site: DemoSite, signal: AbortSignal): Promise<Seen> {
  const [first, second, third] = site.members;
  if (first === undefined || second === undefined || third === undefined) throw new Error('there are too few nodes');
  const beganMs = site.clock.monotonicMs();
  const made = await first.admin.post('/keys', { name: 'demo', requests_per_minute: limit });
  const [id = '', key = ''] = [textOf(field(made, 'id')), textOf(field(made, 'key'))];
  const ask = (member: DemoMember) => statusWith(site, member, key, signal);
  const statuses: number[] = [];
  for (let turn = 0; turn < turnsMax && !isRefusedByBoth(statuses); turn++) {
    for (const member of [first, second]) statuses.push(await ask(member));
  }
  const counted = () => countOf(third, id);
  const what = `${statuses.length} requests counted at ${third.id}`;
  const isSo = async () => (await counted()) === statuses.length;
  await until({ ...site, signal, beganMs: site.clock.monotonicMs(), isSo, what });
  await third.admin.delete(`/keys/${id}`);
  const revoked = await Promise.all(site.members.map(ask));
  const admitted = statuses.filter((status) => status === 200).length;
  const refused = statuses.filter((status) => status === 429).length;
  return {
    isRight:
      admitted <= limit && refused > 0 && admitted + refused === statuses.length && revoked.every((at) => at === 401),
    text: `${limit} a minute: ${admitted} at ${first.id} and ${second.id}, then ${refused} × 429; ${third.id} counts ${statuses.length} and revokes it: all 401`,
    facts: { limit, admitted, refused, counted: statuses.length, revoked },
    tookMs: site.clock.monotonicMs() - beganMs,
  };
}

function isRefusedByBoth(statuses: readonly number[]): boolean {
  return statuses.length > 0 && statuses.slice(-2).every((status) => status === 429);
}

async function statusWith(site: DemoSite, member: DemoMember, key: string, signal: AbortSignal): Promise<number> {
  const chat = dialects['openai-chat'];
  const question = { path: chat.path(chatModel, false), body: chat.body(chatModel, false, 'Mine') };
  return (await askNode(site, question, signal, member.url, key)).status;
}

/** Requests of a key in the whole cluster, as one member tells. */
async function countOf(member: DemoMember, key: string): Promise<number> {
  const answer = await member.admin.get(`/usage?group_by=key&key=${key}`);
  return listOf(field(answer, 'rows')).reduce<number>((sum, row) => sum + (numberOf(field(row, 'requests')) ?? 0), 0);
}
