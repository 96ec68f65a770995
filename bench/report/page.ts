import type { BenchResult, ReportRow, WorkResult } from './contract.ts';
import { chartOf } from './chart.ts';
import { escapeHtml } from './escape-html.ts';
import { figureText } from './numbers.ts';

/** The whole result as one page that needs nothing else: drawings inline, light and dark, a phone's width. */
export function pageOf(result: BenchResult): string {
  const targets = result.targets.map(
    ({ name, summary }) => `<li><b>${escapeHtml(name)}</b> ${escapeHtml(summary)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>aiproxy bench, ${escapeHtml(result.startedAt)}</title>
<style>${style}</style>
</head>
<body>
<h1>aiproxy bench</h1>
<p>${escapeHtml(result.startedAt)}, ${escapeHtml(result.machine)}</p>
${result.notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}
<ul>${targets.join('')}</ul>
${result.works.map(section).join('\n')}
</body>
</html>
`;
}

function section(work: WorkResult): string {
  const head = ['', ...work.columns].map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  return `<section>
<h2>${escapeHtml(work.title)}</h2>
${verdicts(work.rows)}
${chartOf(work)}
<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>
${work.rows.map((row) => tableRow(work, row)).join('\n')}
</tbody></table></div>
${work.notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}
</section>`;
}

function tableRow(work: WorkResult, row: ReportRow): string {
  const cells = work.columns.map((column) => {
    const figure = row.figures[column];
    return `<td>${figure === undefined ? '–' : escapeHtml(figureText(figure, true))}</td>`;
  });
  const trouble = row.trouble === undefined ? '' : `<br><span class="missed">${escapeHtml(row.trouble)}</span>`;
  return `<tr><th scope="row">${escapeHtml(row.target)}${trouble}</th>${cells.join('')}</tr>`;
}

function verdicts(rows: readonly ReportRow[]): string {
  const lines = rows.flatMap((row) =>
    row.verdicts.map(({ goal, reached, isMet }) => {
      const text = `${row.target}: ${goal}: ${figureText(reached, true)}`;
      return `<p class="${isMet ? 'met' : 'missed'}">${isMet ? '✓ met' : '✗ not met'}, ${escapeHtml(text)}</p>`;
    }),
  );
  return lines.join('\n');
}

const style = `
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fff; --line: #d5dae2; --bar: #9aa7bb; --own: #2f6fdd;
  --met: #1a7f43; --missed: #c0392b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ef; --paper: #14171c; --line: #343b46; --bar: #5b687c;
  --own: #6ea2ff; --met: #55c98a; --missed: #ff8477; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
svg { width: 100%; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.bar { fill: var(--bar); } .own { fill: var(--own); } .range { stroke: var(--ink); stroke-width: 1.5; }
.met { color: var(--met); } .missed { color: var(--missed); }
`;
