/** Letters and digits of any script; what is a sign of its own in addresses, lists and logs is left out. */
const form = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,63}$/u;

/** The name as it is kept: one way to write each letter. Undefined for what is no name. */
export function usernameOf(text: string): string | undefined {
  // Longer than any name that is one after normalising.
  if (text.length > 256) return undefined;
  const name = text.normalize('NFKC');
  return form.test(name) ? name : undefined;
}

/** What two spellings of one name have in common, whatever their case. */
export function foldedName(text: string): string {
  const folded = text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  return folded.normalize('NFKC');
}
