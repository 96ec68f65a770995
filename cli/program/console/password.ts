import { adminFaults } from '../admin/faults.ts';
import type { CommandCall } from '../command.ts';

/**
 * A new password: from the standard input where the call says so, else asked for twice without showing it. Never a flag:
 * those are read by everybody who lists processes, and kept by shells.
 */
export async function newPassword({ options, terminal }: CommandCall): Promise<string> {
  if (options['password-stdin'] === true) return fromInput(await terminal.readInput?.());
  if (terminal.askHidden === undefined)
    throw adminFaults.bad_argument('nobody can be asked for a password here; pipe it in with --password-stdin');
  const password = await terminal.askHidden('Password: ');
  if ((await terminal.askHidden('Password once more: ')) === password) return password;
  throw adminFaults.bad_argument('the two passwords are not the same');
}

/** Without the line end that echo and editors put after it. */
function fromInput(text: string | undefined): string {
  const password = (text ?? '').replace(/\r?\n$/, '');
  if (password === '') throw adminFaults.bad_argument('--password-stdin: the standard input is empty');
  return password;
}
