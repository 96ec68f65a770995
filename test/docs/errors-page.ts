import { format } from 'prettier';
import type { FaultSpec } from '../../kit/fault.ts';
import type { FaultTable } from './fault-tables.ts';

const opening = `# Errors

Every error that a node answers, logs or counts has one of these codes. Management calls answer
\`{"error": {"code", "message", "field"?}}\`; model calls answer in the shape that the client's SDK reads, with the
status below. \`aiproxy_provider_errors_total{code}\` counts them by code.

- **Status** is what a client gets when nothing better is known; an upstream's own status may take its place.
- **Source** says whose doing it is: the client's, an upstream's, this node's, another node's, or the configuration's.
- **Repeated** says what the node does before it answers: \`never\`, at an \`other-account\`, \`after\` the time that the
  upstream named (at another account at once), or over a fresh connection (\`reused-socket\`).
- **Account** says what the error means for the account that served: nothing, a failure for its \`breaker\`, a
  \`rest\`, or that it is taken out of service until a person enables it, resets it or changes its credential
  (\`disable\`).

This page is made from the code by \`vitest run test/docs -u\`; a test fails when the two disagree.
`;

/** The text of docs/errors.md. */
export function errorsPage(tables: readonly FaultTable[]): Promise<string> {
  const rooms = Map.groupBy(tables, ({ room }) => room);
  const sections = [...rooms].map(([room, ofRoom]) => {
    const specs = Object.assign({}, ...ofRoom.map((table) => table.specs)) as FaultTable['specs'];
    return `## ${room}\n\n${tableOf(specs)}\n`;
  });
  return format([opening, ...sections].join('\n'), { parser: 'markdown', printWidth: 120 });
}

function tableOf(specs: FaultTable['specs']): string {
  const rows = Object.entries(specs).map(([code, spec]) => rowOf(code, spec));
  return [
    '| Code | Status | Source | Repeated | Account | Meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function rowOf(code: string, { status, source, retry, penalty, summary }: FaultSpec): string {
  const meaning = summary.replaceAll('|', String.raw`\|`);
  return `| \`${code}\` | ${status} | ${source} | ${retry} | ${penalty ?? 'none'} | ${meaning} |`;
}
