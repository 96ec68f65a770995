import { format } from 'prettier';
import type { Cell } from './cell.ts';
import type { Speaker, Subject } from './contract.ts';
import type { Case } from './scene.ts';

/** Cells by subject, case and speaker. */
export type Seen = ReadonlyMap<string, Cell>;

export const cellName = (subject: Subject, { id }: Case, speaker: Speaker): string =>
  `${subject.id} ${id} ${speaker.id}`;

export interface Product {
  subjects: readonly Subject[];
  cases: readonly Case[];
  speakers: readonly Speaker[];
}

const opening = `# What works through which provider

Every provider, from every client protocol, in every case: each cell was tried with the vendor's SDK through a node,
against a stand-in that is as strict as the provider and plays what the case needs. Notes say what is lost or refused,
and why.

This page is made by \`vitest run test/compliance -u\`; a test fails when a cell changes, is empty or has no reason.

- **works**: everything that the case asks for holds, at the client and at the provider; a note names what the client's
  protocol has no word for.
- **partly**: it works, and notes name what is lost at this provider (\`x-aiproxy-dropped\`), what a part is refused with,
  or what the provider has no word for.
- **refused**: 400 that names the field, before any account is asked.
- **n/a**: the case means nothing there.
`;

/** The text of docs/compatibility.md. */
export function compatibilityPage(product: Product, seen: Seen): Promise<string> {
  const sections = [
    opening,
    casesSection(product),
    overview(product, seen),
    ...product.subjects.map((subject) => sectionOf(subject, product, seen)),
  ];
  return format(sections.join('\n'), { parser: 'markdown', printWidth: 120, proseWrap: 'always' });
}

function casesSection({ cases }: Product): string {
  const rows = cases.map(({ title, meaning }) => [title, meaning]);
  return `## The cases\n\n${table(['case', 'what must hold'], rows)}\n`;
}

function overview({ subjects, cases, speakers }: Product, seen: Seen): string {
  const rows = cases.map((each) => [
    each.title,
    ...subjects.map((subject) => sumOf(speakers.map((speaker) => at(seen, subject, each, speaker)))),
  ]);
  return `## All providers\n\nOver all client protocols; what only a protocol lacks does not count here.\n\n${table(['case', ...subjects.map(({ title }) => title)], rows)}\n`;
}

/** One word for the cells of all protocols; where a protocol has no word for the case, the provider is not to blame. */
function sumOf(cells: readonly Cell[]): string {
  const tried = cells.filter((cell) => cell.verdict !== 'n/a');
  if (tried.length === 0) return 'n/a';
  if (tried.every(({ verdict }) => verdict === 'refused')) return 'refused';
  const isWhole = tried.every(({ verdict, isProvidersDoing }) => verdict === 'works' && !isProvidersDoing);
  return isWhole ? 'works' : 'partly';
}

function sectionOf(subject: Subject, { cases, speakers }: Product, seen: Seen): string {
  const notes: string[] = [];
  const rows = cases.map((each) => [
    each.title,
    ...speakers.map((speaker) => cellText(at(seen, subject, each, speaker), notes)),
  ]);
  const besides = Object.entries(subject.besides ?? {}).map(([name, reason]) =>
    name === 'usage' ? `Usage is an estimate: ${reason}.\n\n` : `\`${name}\` is always lost: ${reason}.\n\n`,
  );
  const list = notes.map((note, index) => `${index + 1}. ${note}.`).join('\n');
  return `## ${subject.title.replaceAll('`', '')}\n\n${table(['case', ...speakers.map(({ title }) => title)], rows)}\n\n${besides.join('')}${list}\n`;
}

function cellText(cell: Cell, notes: string[]): string {
  const numbers = [...cell.notes].map((note) => {
    if (!notes.includes(note)) notes.push(note);
    return notes.indexOf(note) + 1;
  });
  const word = cell.verdict === 'works' && cell.isProvidersDoing ? 'partly' : cell.verdict;
  return [word, ...numbers.map((number) => `(${number})`)].join(' ');
}

function at(seen: Seen, subject: Subject, each: Case, speaker: Speaker): Cell {
  const cell = seen.get(cellName(subject, each, speaker));
  if (cell === undefined) throw new Error(`nothing was seen of ${cellName(subject, each, speaker)}`);
  if (cell.verdict !== 'works' && cell.notes.size === 0) {
    throw new Error(`no reason for "${cell.verdict}" of ${cellName(subject, each, speaker)}`);
  }
  return cell;
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}
