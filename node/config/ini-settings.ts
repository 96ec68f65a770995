import { limitsSettings } from '../forward/settings.ts';
import { accountShape } from './account-shape.ts';
import { nearest } from './complaint.ts';
import { parseIni, type IniEntry } from './ini.ts';
import { emptySource, type Origin, type Path, type Source } from './origin.ts';
import { shapeOf } from './schema-shape.ts';
import type { FileText } from './yaml.ts';

/** Where a key of an INI section stands in the settings; `ignored` keys are known, and say why they do nothing. */
type Target = { path: Path } | { account: Path } | { ignored: string };
type Targets = Readonly<Record<string, Target>>;

const ownPort = {
  port: { path: ['port'] },
  listen_port: { path: ['port'] },
  host: { path: ['host'] },
} satisfies Targets;

const limits: Targets = Object.fromEntries(
  Object.keys(shapeOf(limitsSettings) ?? {}).map((key) => [key, { path: ['limits', key] }]),
);

const answers: Targets = {
  api_key: { path: ['api_key'] },
  force_non_stream: { path: ['limits', 'force_non_stream'] },
  default_max_tokens: { path: ['limits', 'default_max_tokens'] },
};

const account: Targets = Object.fromEntries(Object.keys(accountShape('oci')).map((key) => [key, { account: [key] }]));

const ociAccount: Targets = { ...account, compartment_id: { account: ['compartment'] } };

const singleAccount: Targets = {
  ...ociAccount,
  ...answers,
  ...ownPort,
  oci_model_id: { ignored: 'is used together with client_model_name' },
  client_model_name: { ignored: 'is used together with oci_model_id' },
};

const sections: Readonly<Record<string, Targets>> = {
  '': singleAccount,
  DEFAULT: singleAccount,
  GLOBAL: {
    ...limits,
    ...answers,
    ...ownPort,
    load_balance_strategy: { path: ['load_balancer', 'algorithm'] },
    health_check_interval: { path: ['health', 'interval'] },
  },
  PROXY: {
    ...answers,
    ...ownPort,
    client_model_name: { ignored: 'has no effect; use [MODELS]' },
    use_simulated_stream: { ignored: 'has no effect; answers are streamed as the upstream gives them' },
  },
  CIRCUIT_BREAKER: {
    enabled: { path: ['breaker', 'enabled'] },
    max_failures: { path: ['breaker', 'error_threshold'] },
    reset_timeout: { path: ['breaker', 'recovery_timeout'] },
    failure_rate: { path: ['breaker', 'failure_rate'] },
    min_requests: { path: ['breaker', 'min_requests'] },
    stat_interval: { ignored: 'has no effect; the rate is that of the latest requests' },
    half_open_max_calls: { ignored: 'has no effect; one trial request is made at a time' },
  },
};

/** Id of the account that stands without a section of its own. */
const singleId = 'oci';

/** Reads S4's `config.conf` (one account) and `multi_config.conf` (`[GLOBAL] [MODELS] [ACCOUNT_n] [CIRCUIT_BREAKER]`). */
export function readIni(file: FileText): Source {
  const { entries, errors } = parseIni(file.text, file.name);
  const reader = new IniReader(file);
  reader.source.errors.push(...errors);
  for (const entry of entries) if (entry.value !== '') reader.take(entry);
  reader.finish(entries);
  return reader.source;
}

class IniReader {
  readonly source: Source = emptySource();
  readonly #file: FileText;
  /** Position of each account's section in `source.accounts`. */
  readonly #accounts = new Map<string, number>();

  constructor(file: FileText) {
    this.#file = file;
  }

  take(entry: IniEntry): void {
    if (entry.key === '__proto__') return this.#complain(entry, 'this key is not allowed');
    if (entry.section === 'MODELS') return this.#assign(['models', entry.key], entry);
    if (/^ACCOUNT_[A-Z0-9_]+$/.test(entry.section)) return this.#takeAccount(entry);
    if (entry.section === 'PROXY_POOL' || /^PROXY_\d+$/.test(entry.section)) return this.#takePool(entry);
    const targets = sections[entry.section];
    if (targets === undefined) return this.#unknownSection(entry);
    this.#follow(targets, entry);
  }

  finish(entries: readonly IniEntry[]): void {
    const rootOf = (key: string) =>
      entries.find(
        (entry) => entry.key === key && entry.value !== '' && (entry.section === '' || entry.section === 'DEFAULT'),
      );
    const [alias, model] = [rootOf('client_model_name'), rootOf('oci_model_id')];
    if (alias !== undefined && model !== undefined) this.#assign(['models', alias.value], model);
  }

  #takeAccount(entry: IniEntry): void {
    const target = entry.key === 'provider' ? { account: ['provider'] } : ociAccount[entry.key];
    if (target !== undefined && 'account' in target) return this.#assignAccount(target.account, entry);
    // An account of another provider has that provider's keys; they are checked with its schema.
    this.#assignAccount([entry.key], entry);
  }

  #takePool(entry: IniEntry): void {
    const isOn = entry.section === 'PROXY_POOL' && entry.key === 'enabled' && /^(?:true|1|yes|on)$/i.test(entry.value);
    if (isOn) this.#complain(entry, 'outbound proxy pools are not supported; requests would leave without one');
  }

  #follow(targets: Targets, entry: IniEntry): void {
    const target = Object.hasOwn(targets, entry.key) ? targets[entry.key] : undefined;
    if (target === undefined) return this.#unknownKey(entry, Object.keys(targets));
    if ('ignored' in target) this.#ignore(entry, target.ignored);
    else if ('path' in target) this.#assign(target.path, entry);
    else this.#assignAccount(target.account, entry);
  }

  #assign(path: Path, entry: IniEntry): void {
    this.source.assignments.push({ path, value: entry.value, origin: this.#origin(entry) });
  }

  #assignAccount(path: Path, entry: IniEntry): void {
    const section = entry.section.startsWith('ACCOUNT_') ? entry.section : 'DEFAULT';
    let index = this.#accounts.get(section);
    if (index === undefined) {
      index = this.source.accounts.length;
      this.#accounts.set(section, index);
      const id = section === 'DEFAULT' ? singleId : section.toLowerCase();
      const origin = this.#origin(entry);
      this.source.accounts.push([
        { path: ['id'], value: id, origin },
        { path: ['provider'], value: 'oci', origin },
      ]);
    }
    this.source.accounts[index]?.push({ path, value: entry.value, origin: this.#origin(entry) });
  }

  #ignore(entry: IniEntry, why: string): void {
    if (entry.section !== '' && entry.section !== 'DEFAULT') {
      this.source.warnings.push(`[${entry.section}] ${entry.key} ${why} (${this.#file.name}:${entry.line})`);
    }
  }

  #unknownKey(entry: IniEntry, known: string[]): void {
    const guess = nearest(entry.key, known);
    this.#complain(
      entry,
      guess === undefined ? `unknown key; known here: ${known.join(', ')}` : `unknown key; did you mean ${guess}?`,
    );
  }

  #unknownSection(entry: IniEntry): void {
    this.#complain(
      entry,
      'unknown section; known: [GLOBAL], [MODELS], [ACCOUNT_n], [CIRCUIT_BREAKER], [PROXY], [DEFAULT]',
    );
  }

  #complain(entry: IniEntry, what: string): void {
    const key = entry.section === '' ? entry.key : `[${entry.section}] ${entry.key}`;
    this.source.errors.push(`${key}: ${what} (${this.#file.name}:${entry.line})`);
  }

  #origin(entry: IniEntry): Origin {
    return { kind: 'file', name: this.#file.name, folder: this.#file.folder, line: entry.line };
  }
}
