import { resolve } from 'node:path';
import { writeFileAtomic } from '../../../kit/atomic-file.ts';
import { findNode } from '../admin/find-node.ts';
import type { CommandCall } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { readStatus } from './cluster-status.ts';
import { memberAddresses } from './member-addresses.ts';
import { nginxConfiguration, nginxUpstream } from './nginx-configuration.ts';

const portMax = 65_535;

/** `aiproxy cluster nginx`: what nginx needs to know of the members that are alive now, to stdout or a file. */
export async function writeNginx(call: CommandCall): Promise<number> {
  const { output, options, terminal } = call;
  const listen = options['listen'];
  if (typeof listen !== 'number' || !Number.isInteger(listen) || listen < 1 || listen > portMax) {
    output.error(`--listen: not allowed; allowed: a whole number from 1 to ${portMax}`);
    return exitCodes.usage;
  }
  const node = await findNode(call);
  if (!node.ok) {
    for (const line of node.errors) output.error(line);
    return exitCodes.usage;
  }
  const addresses = memberAddresses(readStatus(await node.client.get('/cluster/status')).members);
  if (addresses.length === 0) {
    output.error(`no member that ${node.client.url} knows takes requests now; aiproxy cluster status shows them`);
    return exitCodes.failure;
  }
  const text = options['full'] === true ? nginxConfiguration({ addresses, listen }) : nginxUpstream(addresses);
  const out = options['out'];
  if (typeof out !== 'string') {
    if (output.isJson) output.json({ addresses, configuration: text });
    else terminal.stdout.write(text);
    return exitCodes.ok;
  }
  const path = resolve(terminal.cwd, out);
  await writeFileAtomic(path, text, { mode: 0o644 });
  if (output.isJson) output.json({ addresses, file: path });
  else output.line(`${path} names ${addresses.length} members; nginx -t && nginx -s reload makes nginx use it`);
  return exitCodes.ok;
}
