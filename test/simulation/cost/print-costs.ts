export function printCosts(): void {
  console.log('');
}
