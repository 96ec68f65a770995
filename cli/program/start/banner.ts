import type { Secret } from '../../../kit/secret.ts';
import type { Settings } from '../../../node/config/settings.ts';
import type { Output } from '../output.ts';

export interface Started {
  url: string;
  version: string;
  settings: Settings & { api_key: Secret };
  /** True at the start that made the key: the only time that it is shown. */
  isKeyGenerated: boolean;
}

/** Accounts that are named; further ones are counted. */
const namedMax = 8;

/** Tells a person where the node is, its key when it is new, and its accounts or how to add one. */
export function printBanner(started: Started, output: Output): void {
  if (output.isJson) return output.json(bannerFacts(started));
  const { settings, url, version } = started;
  output.line(`aiproxy ${version} listens on ${output.strong(url)}`);
  if (started.isKeyGenerated) {
    output.line(`  API key   ${output.strong(settings.api_key.reveal())}`);
    output.line(`            made now and kept in ${settings.data_dir}/api-key; it is not shown again`);
  }
  output.line(`  Accounts  ${accountText(settings)}`);
  if (settings.accounts.length === 0) printHowToAdd(settings, output);
}

function bannerFacts({ url, version, settings, isKeyGenerated }: Started): unknown {
  const accounts = settings.accounts.map(({ id, provider, enabled }) => ({ id, provider, enabled }));
  return { url, version, accounts, ...(isKeyGenerated ? { api_key: settings.api_key.reveal() } : {}) };
}

function accountText({ accounts }: Settings): string {
  if (accounts.length === 0) return 'none: requests are answered 503 until there is one';
  const names = accounts
    .slice(0, namedMax)
    .map(({ id, provider, enabled }) => `${id} (${provider}${enabled ? '' : ', disabled'})`);
  const more = accounts.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function printHowToAdd({ data_dir }: Settings, output: Output): void {
  output.line();
  output.line('  To add one, start with');
  output.line(
    '    aiproxy --model-provider openai-custom --openai-base-url https://api.openai.com/v1 --openai-api-key KEY',
  );
  output.line(`  or write into ${data_dir}/config.yaml (or the file of --config)`);
  output.line('    accounts:');
  output.line(
    '      - {id: work, provider: openai-custom, base_url: "https://api.openai.com/v1", api_key: "${OPENAI_KEY}"}',
  );
}
