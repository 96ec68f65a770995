import type { Secret } from '../../../kit/secret.ts';
import type { Settings } from '../../../node/config/settings.ts';
import type { Output } from '../output.ts';
import { accountText, printHowToAdd } from './account-text.ts';

export interface Started {
  url: string;
  version: string;
  settings: Settings & { api_key: Secret };
  /** True at the start that made the key: the only time that it is shown. */
  isKeyGenerated: boolean;
}

/** Tells a person where the node is, its key when it is new, and its accounts or how to add one. */
export function printBanner(started: Started, output: Output): void {
  if (output.isJson) return output.json(bannerFacts(started));
  const { settings, url, version } = started;
  output.line(`aiproxy ${version} listens on ${output.strong(url)}`);
  if (started.isKeyGenerated) {
    output.line(`  API key   ${output.strong(settings.api_key.reveal())}`);
    output.line(`            made now and kept in ${settings.data_dir}/api-key; it is not shown again`);
  }
  output.line(`  Accounts  ${accountText(settings.accounts)}`);
  if (settings.accounts.length === 0) printHowToAdd(settings.data_dir, output);
}

/** The first user of all, when the start made one: its password is shown this once. A line of its own, also as JSON. */
export function printAdmin(username: string, password: string, output: Output): void {
  if (output.isJson) return output.json({ admin: { username, password } });
  output.line(`  Admin     ${output.strong(username)}, password ${output.strong(password)}`);
  output.line('            made now, to log in with; the password is kept as a hash and is not shown again');
}

function bannerFacts({ url, version, settings, isKeyGenerated }: Started): unknown {
  const accounts = settings.accounts.map(({ id, provider, enabled }) => ({ id, provider, enabled }));
  return { url, version, accounts, ...(isKeyGenerated ? { api_key: settings.api_key.reveal() } : {}) };
}
