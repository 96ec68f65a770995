import type { Output } from '../output.ts';
import { tableLines } from '../cluster/table-lines.ts';
import type { DemoSite } from './demo-site.ts';

/** What runs, and that nothing leaves the machine. */
export function printSite(site: DemoSite, output: Output): void {
  const { members, upstream, url, takenPort } = site;
  output.line(output.strong('aiproxy demo'));
  output.line(
    `${members.length} nodes as one mesh, four accounts at a built-in upstream. No account is needed, nothing leaves this machine.`,
  );
  output.line();
  if (takenPort !== undefined)
    output.line(`  Port ${takenPort} cannot be had; ${site.hasNginx ? 'nginx' : 'node1'} took a free one.`);
  const rows = [
    ...(site.hasNginx ? [['nginx', url, 'in front: clients come here']] : []),
    ...members.map(({ id, url: own }) => [id, own]),
    ['upstream', upstream.url, 'plays OpenAI and Anthropic, echoes what it is asked'],
    ['accounts', 'openai, claude', 'speak OpenAI Chat and Anthropic Messages'],
    ['', 'broken, failing', 'answer every request with 500'],
  ];
  for (const line of tableLines(rows)) output.line(`  ${line}`);
  if (!site.hasNginx && site.isNginxWanted) output.line(`  nginx     ${whyWithout(site)}`);
  output.line();
}

const whyWithout = ({ nginxComplaint }: DemoSite): string =>
  nginxComplaint === undefined
    ? 'not installed; with it (apt install nginx, brew install nginx) the demo puts it in front'
    : `not in front: ${nginxComplaint}`;
