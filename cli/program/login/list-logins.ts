import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { keyAdvice, knownLogins } from './choose-login.ts';

/** `aiproxy login`: the providers, and how people log in to each. */
export function listLogins(output: Output): number {
  const logins = knownLogins();
  if (output.isJson) {
    output.json([...logins].map(([provider, kinds]) => ({ provider, kinds })));
    return exitCodes.ok;
  }
  const width = Math.max(...[...logins.keys()].map(({ length }) => length)) + 2;
  output.line('aiproxy login PROVIDER [--kind KIND]; the first kind is the default');
  output.line();
  for (const [provider, kinds] of logins) {
    const text = kinds.length > 0 ? kinds.join(', ') : output.dim(`no login: ${keyAdvice(provider)}`);
    output.line(`${provider.padEnd(width)}${text}`);
  }
  return exitCodes.ok;
}
