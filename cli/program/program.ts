import { dispatch } from './dispatch.ts';
import { systemTerminal } from './terminal.ts';

/** A verb that is done may have left a handle open; the process ends all the same. */
const lingerMs = 1_000;

/** Runs `aiproxy` with the words after its name and sets the exit code. */
export async function run(args: string[]): Promise<void> {
  process.exitCode = await dispatch(args, systemTerminal());
  setTimeout(() => process.exit(), lingerMs).unref();
}
