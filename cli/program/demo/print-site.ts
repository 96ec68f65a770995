import type { Output } from '../output.ts';
import { tableLines } from '../cluster/table-lines.ts';
import type { DemoSite } from './demo-site.ts';

const howToGetNginx = 'not installed; with it (apt install nginx, brew install nginx) the demo puts it in front';

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
  const nginx = site.hasNginx
    ? [url, 'in front: clients come here']
    : [site.nginxComplaint === undefined ? howToGetNginx : `not in front: ${site.nginxComplaint}`];
  const rows = [
    ['nginx', ...nginx],
    ...members.map(({ id, url: own }) => [id, own, site.hasNginx ? '' : 'clients may come to any']),
    ['upstream', upstream.url, 'plays OpenAI and Anthropic, echoes what it is asked'],
    ['accounts', 'openai, claude', 'speak OpenAI Chat and Anthropic Messages'],
    ['', 'broken, failing', 'answer every request with 500'],
  ];
  for (const line of tableLines(rows)) output.line(`  ${line}`);
  output.line();
}
