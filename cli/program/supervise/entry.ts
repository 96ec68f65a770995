import { extname, join } from 'node:path';

/** The file that runs `aiproxy`: TypeScript in a checkout, JavaScript where the package is built. */
export const entryFile = join(import.meta.dirname, `../../main${extname(import.meta.filename)}`);
