import type { Figure } from './contract.ts';

/** A figure as people read it: `37,210/s`, `0.83×`, `1.25 ms`, with the range of the rounds behind it. */
export function figureText(figure: Figure, withSpread: boolean): string {
  const text = numberText(figure.value, figure.unit);
  if (!withSpread || figure.low === undefined || figure.high === undefined) return text;
  if (figure.low === figure.high) return text;
  return `${text} (${bare(figure.low, figure.unit)}–${bare(figure.high, figure.unit)})`;
}

const suffixes: Readonly<Record<Figure['unit'], string>> = {
  'requests/s': '/s',
  'events/s': '/s',
  µs: ' µs',
  ms: ' ms',
  MB: ' MB',
  times: '×',
  cores: '',
  count: '',
  '%': ' %',
  'kB/s': ' kB/s',
  '/s': '/s',
};

function numberText(value: number, unit: Figure['unit']): string {
  return Number.isFinite(value) ? bare(value, unit) + suffixes[unit] : '–';
}

function bare(value: number, unit: Figure['unit']): string {
  if (unit === 'times' || unit === 'cores') return value.toFixed(2);
  if ((unit === '%' || unit === 'kB/s' || unit === '/s') && Math.abs(value) < 100) return value.toFixed(1);
  if (unit === 'ms' && Math.abs(value) < 100) return value.toFixed(2);
  if (unit === 'µs' && Math.abs(value) < 100) return value.toFixed(1);
  return Math.round(value).toLocaleString('en-US');
}
