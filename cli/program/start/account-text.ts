import type { Output } from '../output.ts';

/** Accounts that are named; further ones are counted. */
const namedMax = 8;

export interface NamedAccount {
  id: string;
  provider: string;
  enabled: boolean;
}

/** The accounts of a start, in one line. */
export function accountText(accounts: readonly NamedAccount[]): string {
  if (accounts.length === 0) return 'none: requests are answered 503 until there is one';
  const names = accounts
    .slice(0, namedMax)
    .map(({ id, provider, enabled }) => `${id} (${provider}${enabled ? '' : ', disabled'})`);
  const more = accounts.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export function printHowToAdd(dataDir: string, output: Output): void {
  output.line();
  output.line('  To add one, start with');
  output.line(
    '    aiproxy --model-provider openai-custom --openai-base-url https://api.openai.com/v1 --openai-api-key KEY',
  );
  output.line(`  or write into ${dataDir}/config.yaml (or the file of --config)`);
  output.line('    accounts:');
  output.line(
    '      - {id: work, provider: openai-custom, base_url: "https://api.openai.com/v1", api_key: "${OPENAI_KEY}"}',
  );
}
