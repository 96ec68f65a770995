import type { Output } from '../output.ts';
import { accountText, printHowToAdd } from '../start/account-text.ts';
import type { NodeFacts } from './messages.ts';
import type { Plan } from './plan.ts';

export interface StartedNodes {
  nodes: readonly NodeFacts[];
  pids: readonly (number | undefined)[];
  role: Plan['role'];
  version: string;
}

/** Tells a person where the nodes are, their key when it is new, and their accounts or how to add one. */
export function printNodes(started: StartedNodes, output: Output): void {
  if (output.isJson) return output.json(nodesFacts(started));
  const { nodes, version, role } = started;
  const [first] = nodes;
  if (first === undefined) return;
  const urls = role === 'worker' ? [first.url] : nodes.map(({ url }) => url);
  output.line(`aiproxy ${version} listens on ${urls.map((url) => output.strong(url)).join(', ')}`);
  const apiKey = nodes.find((node) => node.apiKey !== undefined)?.apiKey;
  if (apiKey !== undefined) {
    output.line(`  API key   ${output.strong(apiKey)}`);
    output.line(`            made now and kept in ${first.dataDir}/api-key; it is not shown again`);
  }
  for (const [index, node] of nodes.entries())
    output.line(
      `  ${index === 0 ? 'Nodes    ' : '         '} ${node.nodeId}  ${node.ownUrl}  pid ${started.pids[index]}`,
    );
  output.line(`  Accounts  ${accountText(first.accounts)}`);
  if (first.accounts.length === 0) printHowToAdd(first.dataDir, output);
}

function nodesFacts({ nodes, pids, role, version }: StartedNodes): unknown {
  const [first] = nodes;
  const apiKey = nodes.find((node) => node.apiKey !== undefined)?.apiKey;
  return {
    ...(role === 'worker' ? { url: first?.url } : {}),
    version,
    nodes: nodes.map(({ nodeId, url, ownUrl }, index) => ({ node_id: nodeId, url, own_url: ownUrl, pid: pids[index] })),
    accounts: first?.accounts ?? [],
    ...(apiKey === undefined ? {} : { api_key: apiKey }),
  };
}
