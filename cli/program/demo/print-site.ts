import type { Output } from '../output.ts';
import type { DemoSite } from './demo-site.ts';

/** What runs, and that nothing leaves the machine. */
export function printSite(site: DemoSite, output: Output): void {
  const [node] = site.nodes;
  output.line(output.strong('aiproxy demo'));
  output.line('A node with three accounts at a built-in upstream. No account is needed, nothing leaves this machine.');
  output.line();
  if (site.takenPort !== undefined)
    output.line(`  Port ${site.takenPort} is taken by another program; the node took a free one.`);
  output.line(`  node      ${output.strong(node.url)}`);
  output.line(`  upstream  ${site.upstream.url}  ${output.dim('plays OpenAI and Anthropic, echoes what it is asked')}`);
  output.line(`  accounts  openai  ${output.dim('speaks OpenAI Chat')}`);
  output.line(`            claude  ${output.dim('speaks Anthropic Messages')}`);
  output.line(`            broken  ${output.dim('answers every request with 500')}`);
  output.line();
}
