import type { Records, ReplicatedRecord } from '../../../cluster/replicated/contract.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { withMisfortunes } from './misfortunes-of.ts';
import type { PlantedBug } from './planted-bug.ts';
import { TamperedPost } from './tampered-post.ts';

/** As a record travels: table, id, major, minor, writer, whether deleted, payload. */
type Wire = readonly [
  table: string,
  id: string,
  major: number,
  minor: number,
  writer: string,
  isDeleted: boolean,
  payload: unknown,
];

export const recordBugs: readonly PlantedBug[] = [
  {
    name: 'deletions-not-passed-on',
    finds: ['everything converges', 'a confirmed record is nowhere older'],
    seeds: [1, 4],
    post: (part, post) =>
      part !== 'records'
        ? post
        : new TamperedPost(post, {
            say: (_to, _kind, body) => withoutDeletions(body),
            answer: (_service, body) => withoutDeletions(body),
          }),
  },
  {
    name: 'older-write-revives-a-deletion',
    finds: ['what is heard was said'],
    seeds: [1, 6],
    plan: (plan) => withMisfortunes(plan, { partitionMeanMs: 4000 }),
    post: (part, post, process) =>
      part !== 'records' ? post : new TamperedPost(post, { hear: (_from, _kind, body) => withRevived(body, process) }),
  },
  {
    name: 'clock-ignores-what-others-wrote',
    finds: ['a write is newer than what it saw'],
    seeds: [1, 3],
    plan: (plan) => ({ ...plan, wallSkewMaxMs: 3000 }),
    records: (records, process) => ignoringOthers(records, () => process.clock.nowMs(), process.nodeId),
  },
  {
    name: 'clear-acknowledged-before-it-is-applied',
    finds: ['no cleared entry is served'],
    seeds: [1, 3],
    appliesClearsLate: true,
  },
  {
    name: 'serves-before-comparing',
    finds: ['no cleared entry is served'],
    seeds: [1, 6],
    plan: (plan) =>
      withMisfortunes(plan, { killMeanMs: 4000, pauseMeanMs: 5000, pauseMaxMs: 12_000, wallJumpMaxMs: 1000 }),
    servesBeforeComparing: true,
  },
];

function withoutDeletions(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('r' in body) || !Array.isArray(body.r)) return body;
  return { ...body, r: (body.r as Wire[]).filter((wire) => wire[5] !== true) };
}

/** What is deleted here by a newer write is taken for newer than the deletion. */
function withRevived(body: unknown, { parts, world }: SimProcess): unknown {
  if (typeof body !== 'object' || body === null || !('r' in body) || !Array.isArray(body.r)) return body;
  const records = (body.r as Wire[]).map((wire): Wire => {
    const [table, id, major, minor, writer, isDeleted, payload] = wire;
    const deletion = world.deletions.findLast((each) => each.table === table && each.id === id);
    const isOlder = deletion !== undefined && deletion.stamp.major > major;
    if (isDeleted || !isOlder || parts.records.get(table, id) !== undefined) return wire;
    return [table, id, deletion.stamp.major + 1, minor, writer, isDeleted, payload];
  });
  return { ...body, r: records };
}

/** Stamps writes with this node's own wall clock alone. */
function ignoringOthers(records: Records, nowMs: () => number, writer: string): Pick<Records, 'put' | 'remove'> {
  const stamped = (record: ReplicatedRecord): ReplicatedRecord => ({
    ...record,
    writer,
    stamp: { major: nowMs(), minor: 0 },
  });
  return {
    put: (table, id, payload) => stamped(records.put(table, id, payload)),
    remove: (table, id) => stamped(records.remove(table, id)),
  };
}
