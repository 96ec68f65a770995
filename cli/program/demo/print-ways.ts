import { relative } from 'node:path';
import type { Output } from '../output.ts';
import { entryFile } from '../supervise/entry.ts';
import { chatModel, claudeModel } from './demo-accounts.ts';
import type { DemoMember } from './demo-member.ts';
import type { DemoSite } from './demo-site.ts';

interface Way {
  title: string;
  lines: string[];
}

/** URL and key, and lines to copy for each protocol and the usual clients. */
export function printWays(site: DemoSite, output: Output): void {
  const { url, members, key } = site;
  output.line(output.strong('Your turn'));
  output.line(`  URL    ${output.strong(url)}${site.hasNginx ? '  (nginx)' : ''}`);
  output.line(`  nodes  ${members.map((member) => member.url).join('  ')}`);
  output.line(`  key    ${output.strong(key)}`);
  for (const { title, lines } of [...waysAt(url, key), ...meshWays(members, key)]) {
    output.line();
    output.line(`  ${output.dim(`# ${title}`)}`);
    for (const line of lines) output.line(`  ${line}`);
  }
  output.line();
}

const ask = (extra: Record<string, unknown>): string =>
  JSON.stringify({ ...extra, messages: [{ role: 'user', content: 'Hello' }] });

function waysAt(url: string, key: string): Way[] {
  const json = `-H 'content-type: application/json'`;
  const bearer = `-H 'authorization: Bearer ${key}'`;
  return [
    {
      title: 'OpenAI Chat Completions, served by the Anthropic account',
      lines: [`curl ${url}/v1/chat/completions ${bearer} ${json} -d '${ask({ model: claudeModel })}'`],
    },
    {
      title: 'Anthropic Messages, streamed, served by the OpenAI account',
      lines: [
        `curl -N ${url}/v1/messages -H 'x-api-key: ${key}' -H 'anthropic-version: 2023-06-01' ${json} -d '${ask({ model: chatModel, max_tokens: 200, stream: true })}'`,
      ],
    },
    {
      title: 'OpenAI Responses',
      lines: [
        `curl ${url}/v1/responses ${bearer} ${json} -d '${JSON.stringify({ model: chatModel, input: 'Hello' })}'`,
      ],
    },
    {
      title: 'Gemini',
      lines: [
        `curl ${url}/v1beta/models/${claudeModel}:generateContent -H 'x-goog-api-key: ${key}' ${json} -d '${JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] })}'`,
      ],
    },
    { title: 'Claude Code', lines: [`ANTHROPIC_BASE_URL=${url} ANTHROPIC_AUTH_TOKEN=${key} claude`] },
    {
      title: 'OpenAI SDKs (Python, JavaScript) and whatever reads their variables',
      lines: [`export OPENAI_BASE_URL=${url}/v1 OPENAI_API_KEY=${key}`],
    },
    { title: 'Accounts, breakers, counters', lines: [`curl ${url}/accounts/stats ${bearer}`] },
  ];
}

function meshWays(members: readonly DemoMember[], key: string): Way[] {
  const [first, last] = [members[0], members.at(-1)];
  return [
    {
      title: 'The mesh, as one node sees it',
      lines: [`${program} cluster status --url ${first?.url} --api-key ${key}`],
    },
    { title: 'Kill a node: it is started again, and the others do not wait for it', lines: [`kill -9 ${last?.pid}`] },
  ];
}

/** How this very program is called. */
const program = entryFile.endsWith('.ts') ? `node ${relative(process.cwd(), entryFile)}` : 'aiproxy';
