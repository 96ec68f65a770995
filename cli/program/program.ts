import { dispatch } from './dispatch.ts';
import { systemTerminal } from './terminal.ts';

/** A verb that is done may have left a handle open; the process ends all the same. */
const lingerMs = 1_000;

/** Who reads has had enough (`aiproxy traces | head`): the verb goes on, and what it still prints goes nowhere. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
}

/** Runs `aiproxy` with the words after its name and sets the exit code. */
export async function run(args: string[]): Promise<void> {
  ignoreClosedPipes();
  process.exitCode = await dispatch(args, systemTerminal());
  setTimeout(() => process.exit(), lingerMs).unref();
}
