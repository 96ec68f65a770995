import { findNode } from '../admin/find-node.ts';
import type { CommandCall } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { readStatus } from './cluster-status.ts';
import { printStatus } from './print-status.ts';

/** `aiproxy cluster status`: a table, or what the node said to the letter. */
export async function showStatus(call: CommandCall): Promise<number> {
  const { output } = call;
  const node = await findNode(call);
  if (!node.ok) {
    for (const line of node.errors) output.error(line);
    return exitCodes.usage;
  }
  const answer = await node.client.get('/cluster/status');
  if (output.isJson) output.json(answer);
  else printStatus(readStatus(answer), output);
  return exitCodes.ok;
}
