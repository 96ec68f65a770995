import type { AdminClient } from '../admin/admin-client.ts';
import { adminFaults } from '../admin/faults.ts';
import { findNode } from '../admin/find-node.ts';
import type { CommandCall } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';

/** A verb that calls one node: the call, what the words after the verb say, and the node. */
export interface NodeCall extends CommandCall {
  readonly words: readonly string[];
  readonly client: AdminClient;
}

/**
 * Takes the words that come first (all before the first flag), finds the node by the rest, and runs the verb. `names`:
 * what the words are, in order; a last one with `…` takes one or more, one with `?` may be left out.
 */
export async function onNode(
  call: CommandCall,
  names: readonly string[],
  run: (call: NodeCall) => Promise<void>,
): Promise<number> {
  const { words, nodeArgs } = splitWords(call.nodeArgs, names);
  const node = await findNode({ ...call, nodeArgs });
  if (!node.ok) {
    for (const line of node.errors) call.output.error(line);
    return exitCodes.usage;
  }
  await run({ ...call, words, client: node.client });
  return exitCodes.ok;
}

/** The words before the first flag, and the flags. Throws `bad_argument` where words are missing or too many. */
export function splitWords(
  args: readonly string[],
  names: readonly string[],
): { words: readonly string[]; nodeArgs: readonly string[] } {
  const firstFlag = args.findIndex((word) => word.startsWith('-'));
  const count = firstFlag < 0 ? args.length : firstFlag;
  const words = args.slice(0, count);
  checkWords(words, names);
  return { words, nodeArgs: args.slice(count) };
}

function checkWords(words: readonly string[], names: readonly string[]): void {
  const missing = names.slice(words.length).find((name) => !name.endsWith('?'));
  if (missing !== undefined && words.length < names.length)
    throw adminFaults.bad_argument(`${missing} is missing: it comes first, before all flags`);
  const takesMore = names.at(-1)?.endsWith('…') === true;
  const tooMany = takesMore ? undefined : words[names.length];
  if (tooMany !== undefined) throw adminFaults.bad_argument(`${JSON.stringify(tooMany)}: nothing more is wanted here`);
}
