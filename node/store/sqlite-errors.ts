/** SQLite's result codes that are told apart (https://sqlite.org/rescode.html). */
export const sqliteCodes = {
  busy: 5,
  corrupt: 11,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  notADatabase: 26,
} as const;

/** SQLite's own code of an error; undefined when it is none of SQLite's. */
export function errcodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  // Extended codes carry the plain one in their low byte.
  return error.errcode & 0xff;
}

/** The file is no database any more. */
export function isDamage(error: unknown): boolean {
  const code = errcodeOf(error);
  return code === sqliteCodes.corrupt || code === sqliteCodes.notADatabase;
}
