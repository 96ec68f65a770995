import { findNode } from '../admin/find-node.ts';
import type { CommandCall } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

/** `aiproxy cluster remove ID`: takes a member out for good. Forced, and at a terminal, only after a yes. */
export async function removeMember(call: CommandCall): Promise<number> {
  const { output, options } = call;
  const [id, ...nodeArgs] = call.nodeArgs;
  if (id === undefined || id.startsWith('-')) {
    output.error(
      'cluster remove: the id of a member comes first (aiproxy cluster remove ID); aiproxy cluster status lists them',
    );
    return exitCodes.usage;
  }
  const isForced = options['force'] === true;
  const node = await findNode({ ...call, nodeArgs });
  if (!node.ok) {
    for (const line of node.errors) output.error(line);
    return exitCodes.usage;
  }
  if (isForced && !(await isConfirmed(call, id))) {
    output.error('nothing was removed');
    return exitCodes.failure;
  }
  const answer = await node.client.delete(`/cluster/members/${encodeURIComponent(id)}${isForced ? '?force=true' : ''}`);
  if (output.isJson) output.json(answer ?? { removed: id });
  else output.line(`${id} is removed`);
  return exitCodes.ok;
}

async function isConfirmed({ terminal, output }: CommandCall, id: string): Promise<boolean> {
  if (output.isJson || terminal.ask === undefined) return true;
  const answer = await terminal.ask(
    `Remove ${id} though it may be alive elsewhere? Two halves of a mesh could then both have a leader. [y/N] `,
  );
  return /^y(?:es)?$/i.test(answer.trim());
}
