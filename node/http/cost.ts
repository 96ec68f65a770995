const nanoPerUnit = 1_000_000_000;

/** Cost in units of the currency, as answers in JSON show it. */
export function costOf(nano: number): number {
  return nano / nanoPerUnit;
}

/** The same as decimal digits: never an exponent, which not every reader of CSV takes. */
export function costText(nano: number): string {
  const whole = Math.trunc(nano / nanoPerUnit);
  const rest = String(Math.abs(nano % nanoPerUnit))
    .padStart(9, '0')
    .replace(/0+$/, '');
  return rest === '' ? String(whole) : `${whole}.${rest}`;
}
