/** Backends behind one format that differ in what they take. */
export type Backend = 'gemini' | 'llama' | 'other';

/** The backend that serves a model, by its vendor's prefix. */
export function backendOf(model: string): Backend {
  if (/^google\./i.test(model)) return 'gemini';
  return /^meta\./i.test(model) ? 'llama' : 'other';
}
