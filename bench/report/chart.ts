import type { Figure, WorkResult } from './contract.ts';
import { escapeHtml } from './escape-html.ts';
import { figureText } from './numbers.ts';

const width = 720;
const barHeight = 22;
const rowHeight = 34;
const labelWidth = 150;
const valueWidth = 190;

/** Bars of a work's first column, one for each target, the range of the rounds as a line. */
export function chartOf(work: WorkResult): string {
  const [column = ''] = work.columns;
  const rows = work.rows.flatMap(({ target, figures }) => {
    const figure = figures[column];
    return figure === undefined || !Number.isFinite(figure.value) ? [] : [{ target, figure }];
  });
  const most = Math.max(...rows.map(({ figure }) => Math.max(figure.value, figure.high ?? 0)), Number.MIN_VALUE);
  const scale = (width - labelWidth - valueWidth) / most;
  const bars = rows.map(({ target, figure }, index) => bar(target, figure, index * rowHeight, scale));
  const label = escapeHtml(`${work.title}: ${column}`);
  return `<svg viewBox="0 0 ${width} ${rows.length * rowHeight}" role="img" aria-label="${label}">${bars.join('')}</svg>`;
}

function bar(target: string, figure: Figure, top: number, scale: number): string {
  const length = Math.max(1, figure.value * scale);
  const middle = top + barHeight / 2;
  const kind = target.startsWith('aiproxy') ? 'own' : 'bar';
  const end = labelWidth + Math.max(length, (figure.high ?? 0) * scale) + 8;
  return (
    `<text x="0" y="${middle + 5}">${escapeHtml(target)}</text>` +
    `<rect class="${kind}" x="${labelWidth}" y="${top}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>` +
    range(figure, middle, scale) +
    `<text x="${end.toFixed(1)}" y="${middle + 5}">${escapeHtml(figureText(figure, false))}</text>`
  );
}

function range({ low, high }: Figure, middle: number, scale: number): string {
  if (low === undefined || high === undefined) return '';
  const from = (labelWidth + Math.max(0, low) * scale).toFixed(1);
  const to = (labelWidth + Math.max(0, high) * scale).toFixed(1);
  return `<line class="range" x1="${from}" x2="${to}" y1="${middle}" y2="${middle}"/>`;
}
