import type { Clock } from '../../kit/clock.ts';
import { type Fault, isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { AccountEntry, AccountPatch } from '../accounts/definition.ts';
import type { Accounts } from '../accounts/directory.ts';
import { accountFaults } from '../accounts/faults.ts';
import type { Origin } from '../accounts/observer.ts';
import type { Account } from '../accounts/contract.ts';
import type { ConfiguredAccount } from '../config/index.ts';
import type { AccountEditor, AccountTokenView } from '../http/dependencies.ts';
import { providers } from '../providers/registry.ts';
import type { Provider, TokenSource, Upstream } from '../providers/contract.ts';
import type { TokenCoordinator } from '../tokens/token-coordinator.ts';
import { readAccount } from './account-form.ts';
import type { NotesFile } from './account-notes.ts';
import { credentialName } from './credential-name.ts';
import type { AccountFiles, CredentialFolders, FilesSeen } from './credential-files.ts';
import { CredentialWatch } from './credential-watch.ts';
import type { AccountChange, Disablement, SharedChanges } from './mesh/shared-changes.ts';
import type { ProviderSurroundings } from './provider-surroundings.ts';
import { tokenView } from './tokens.ts';
import { withoutSecrets, withSecrets } from './plain-account.ts';

export interface AccountKeeperParts {
  accounts: Accounts;
  changes: SharedChanges;
  clock: Clock;
  log: Log;
  /** All kinds of upstream there are; those of the registry unless given. */
  providers?: ReadonlyMap<string, Provider<object>>;
  /** What a node lends to its accounts' providers. */
  surroundings: Pick<ProviderSurroundings, 'of'>;
  credentials: Pick<CredentialFolders, 'filesFor'>;
  /** The accounts' OAuth tokens; without it no account has any. */
  tokens?: Pick<TokenCoordinator, 'register' | 'forget' | 'refresh' | 'reading'>;
  notes: Pick<NotesFile, 'forget' | 'keepOnly'>;
  /** Told of every account that has a new upstream: its models are to be listed. */
  onOpened(id: string): void;
}

/** An account as it is to be. */
interface Wanted {
  readonly settings: ConfiguredAccount;
  /** Its upstream's word took it out of service; it is not enabled then. */
  readonly disabled?: Disablement | undefined;
}

// What an upstream says of itself is bounded; of a long story the beginning tells.
const reasonLengthMax = 1_024;

/** The accounts as people see them: their settings, opened into upstreams and kept in step with the directory. */
export class AccountKeeper implements AccountEditor {
  readonly #parts: AccountKeeperParts;
  readonly #settings = new Map<string, ConfiguredAccount>();
  /** As configured, before changes at run time. */
  #configured = new Map<string, ConfiguredAccount>();
  readonly #disabled = new Map<string, Disablement>();
  readonly #seen = new Map<string, FilesSeen>();
  readonly #watch: CredentialWatch;

  constructor(parts: AccountKeeperParts) {
    this.#parts = parts;
    this.#watch = new CredentialWatch({ clock: parts.clock, onChanged: (id) => this.#filesChanged(id) });
    parts.accounts.observe({ accountDisabled: ({ id }, fault) => this.#noteDisabled(id, fault) });
  }

  /** Begins to watch the files that accounts are loaded from. */
  start(): void {
    this.#watch.start();
  }

  stop(): void {
    this.#watch.stop();
  }

  /** Takes in the configured accounts with the kept changes laid over them; at start and at every reload. */
  load(configured: readonly ConfiguredAccount[]): void {
    this.#configured = new Map(configured.map((account) => [account.id, account]));
    const changes = this.#parts.changes.accounts();
    const ids = new Set([...this.#configured.keys(), ...changes.keys()]);
    const wanted = new Map(
      [...ids].flatMap((id) => this.#wanted(id, changes.get(id)) ?? []).map((each) => [each.settings.id, each]),
    );
    for (const id of this.#settings.keys()) if (!wanted.has(id)) this.#drop(id);
    for (const account of wanted.values()) this.#take(account);
    this.#parts.notes.keepOnly(new Set(wanted.keys()));
  }

  /** Another member changed the account: it becomes here what it is there. */
  follow(id: string): void {
    const wanted = this.#wanted(id, this.#parts.changes.account(id));
    if (wanted !== undefined) this.#take(wanted, 'remote');
    else if (this.#settings.has(id)) this.#drop(id, 'remote');
  }

  add(fields: Readonly<Record<string, unknown>>): Account {
    const account = readAccount(fields);
    if (this.#settings.has(account.id)) {
      throw accountFaults.account_exists(`account ${account.id} exists already`, { field: 'id' });
    }
    return this.#take({ settings: account });
  }

  change(id: string, fields: Readonly<Record<string, unknown>>): Account {
    const before = this.#require(id);
    const settings = readAccount(withoutNulls({ ...withSecrets(before), ...fields, id, provider: before.provider }));
    const disabled = this.#disabled.get(id);
    if (disabled === undefined || fields['enabled'] !== undefined) return this.#take({ settings });
    // What was said of the former credential does not hold for this one.
    if (disabled.credential !== credentialName(settings))
      return this.#take({ settings: { ...settings, enabled: true } });
    return this.#take({ settings, disabled });
  }

  remove(id: string): void {
    this.#require(id);
    this.#drop(id);
  }

  async reset(id: string): Promise<void> {
    const settings = this.#require(id);
    this.#parts.accounts.reset(id);
    if (!this.#disabled.has(id)) return;
    this.#take({ settings: { ...settings, enabled: true } });
    await this.persist(id);
  }

  tokenRefresh(id: string): (() => Promise<void>) | undefined {
    this.#require(id);
    const { tokens } = this.#parts;
    return tokens?.reading(id) === undefined ? undefined : () => tokens.refresh(id);
  }

  tokenView(id: string): AccountTokenView | null {
    return tokenView(this.#parts.tokens?.reading(id));
  }

  settingsOf(id: string): Record<string, unknown> {
    return withoutSecrets(this.#require(id));
  }

  /** True when the account's models are to be asked for. */
  wantsDiscovery(id: string): boolean {
    const settings = this.#settings.get(id);
    return settings !== undefined && settings.discovery && settings.models === undefined;
  }

  /** Keeps the account as it is now, as a difference from the configuration; resolves once the live members have it. */
  async persist(id: string): Promise<void> {
    if (!this.#settings.has(id)) this.#parts.changes.forgetReset(id);
    await this.#parts.changes.keepAccount(id, this.#changeOf(id));
  }

  #changeOf(id: string): AccountChange | undefined {
    const configured = this.#configured.get(id);
    const account = this.#settings.get(id);
    if (account === undefined) return configured === undefined ? undefined : { kind: 'removed' };
    const fields = withSecrets(this.#asItIs(account));
    const disabled = this.#disabled.get(id);
    const beside = disabled === undefined ? {} : { disabled };
    if (configured === undefined) return { kind: 'added', fields, ...beside };
    const changed = difference(withSecrets(configured), fields);
    if (Object.keys(changed).length === 0 && disabled === undefined) return undefined;
    return { kind: 'changed', fields: changed, ...beside };
  }

  /** The account as configured with the change laid over it; undefined when there is to be none. */
  #wanted(id: string, change: AccountChange | undefined): Wanted | undefined {
    const configured = this.#configured.get(id);
    const asConfigured = configured === undefined ? undefined : { settings: configured };
    if (change === undefined) return asConfigured;
    if (change.kind === 'removed') return undefined;
    // A change of an account that has since left the configuration has nothing to change.
    if (configured === undefined && change.kind === 'changed') return undefined;
    try {
      const { enabled, ...fields } = withoutNulls({ ...(configured && withSecrets(configured)), ...change.fields });
      const { disabled } = change;
      if (disabled === undefined) return { settings: readAccount({ ...fields, enabled }) };
      const settings = readAccount(fields);
      // What was said of another credential does not hold for this one.
      if (disabled.credential !== credentialName(settings)) return { settings };
      return { settings: { ...settings, enabled: false }, disabled };
    } catch (error) {
      if (!isFault(error)) throw error;
      this.#parts.log.warn(`a change of account ${id} does not fit and is left out: ${error.message}`, { account: id });
      return asConfigured;
    }
  }

  /** Enabling and disabling change the directory alone. */
  #asItIs(account: ConfiguredAccount): ConfiguredAccount {
    const { enabled } = this.#parts.accounts.get(account.id) ?? account;
    return { ...account, enabled };
  }

  #take({ settings, disabled }: Wanted, origin: Origin = 'own'): Account {
    const { accounts } = this.#parts;
    const entry = { ...this.#open(settings), disabledReason: disabled?.reason };
    const { id } = settings;
    this.#settings.set(id, settings);
    this.#noteWord(id, disabled);
    if (accounts.get(id) === undefined) accounts.add(entry, origin);
    else accounts.update(id, patchOf(entry), origin);
    if (entry.upstream !== undefined) this.#parts.onOpened(id);
    return accounts.get(id)!;
  }

  /** Keeps what the upstream said of the account, or that this does not hold any more. */
  #noteWord(id: string, disabled: Disablement | undefined): void {
    const known = this.#disabled.get(id);
    if (disabled === undefined) this.#disabled.delete(id);
    else this.#disabled.set(id, disabled);
    if (disabled === undefined || known !== undefined) return;
    const { code, reason } = disabled;
    this.#parts.log.warn(`account ${id} is disabled since its upstream said: ${reason}`, { account: id, code });
  }

  /** An upstream's word here: it holds for all members and over restarts, as a person's does. */
  #noteDisabled(id: string, { code, message }: Fault): void {
    const settings = this.#settings.get(id);
    if (settings === undefined) return;
    const { log } = this.#parts;
    const reason = message.slice(0, reasonLengthMax);
    this.#settings.set(id, { ...settings, enabled: false });
    this.#disabled.set(id, { code, reason, credential: credentialName(settings) });
    log.error(`account ${id} is disabled until a person enables it or changes its credential: ${reason}`, {
      account: id,
      code,
    });
    this.#persistSoon(id);
  }

  /** Its files differ from those that it was loaded from. */
  #filesChanged(id: string): void {
    const settings = this.#settings.get(id);
    const seen = this.#seen.get(id);
    if (settings === undefined || seen === undefined) return;
    const now = seen.again();
    if (now.digest === seen.digest) {
      this.#see(id, now);
      return;
    }
    this.#parts.log.info(`the credential files of account ${id} changed; it is loaded again`, { account: id });
    const wasDisabled = this.#disabled.has(id);
    this.#take({ settings: wasDisabled ? { ...settings, enabled: true } : settings });
    if (wasDisabled) this.#persistSoon(id);
  }

  #see(id: string, seen: FilesSeen): void {
    this.#seen.set(id, seen);
    this.#watch.set(id, seen.marks);
  }

  #persistSoon(id: string): void {
    this.persist(id).catch((error: unknown) =>
      this.#parts.log.error(`what became of account ${id} cannot be kept`, { account: id, error }),
    );
  }

  #drop(id: string, origin: Origin = 'own'): void {
    this.#settings.delete(id);
    this.#disabled.delete(id);
    this.#seen.delete(id);
    this.#watch.forget(id);
    this.#parts.notes.forget(id);
    this.#parts.tokens?.forget(id);
    this.#parts.accounts.remove(id, origin);
  }

  #require(id: string): ConfiguredAccount {
    const settings = this.#settings.get(id);
    if (settings === undefined) throw accountFaults.account_not_found(`there is no account ${id}`);
    return settings;
  }

  #open(settings: ConfiguredAccount): AccountEntry {
    const opened = this.#openUpstream(settings);
    const models = settings.models as readonly string[] | undefined;
    return {
      definition: {
        id: settings.id,
        provider: settings.provider,
        group: settings.group,
        weight: settings.weight,
        maxConcurrency: settings.max_concurrency,
        enabled: settings.enabled,
        models,
        acceptsUnknownModels: settings.accept_unknown_models,
      },
      ...opened,
    };
  }

  #openUpstream(settings: ConfiguredAccount): { upstream: Upstream | undefined; unavailableReason?: string } {
    const provider = (this.#parts.providers ?? providers).get(settings.provider);
    if (provider === undefined) return { upstream: undefined, unavailableReason: 'its provider is not known' };
    const { id } = settings;
    const { credentials, surroundings, log } = this.#parts;
    const files = credentials.filesFor(id);
    try {
      const token = this.#tokenOf(settings, provider, files);
      if (provider.unavailable !== undefined) return { upstream: undefined, unavailableReason: provider.unavailable };
      const credential = credentialName(settings);
      return { upstream: provider.open(settings, surroundings.of({ id, credential, files, token })) };
    } catch (error) {
      if (!isFault(error)) throw error;
      log.warn(`account ${id} cannot serve: ${error.message}`, { account: id, code: error.code });
      return { upstream: undefined, unavailableReason: error.message };
    } finally {
      this.#see(id, files.seen);
    }
  }

  /** The account's token changes while its upstream stays open. */
  #tokenOf(settings: ConfiguredAccount, provider: Provider<object>, files: AccountFiles): TokenSource | undefined {
    const login = provider.login?.(settings, files);
    if (login !== undefined) return this.#parts.tokens?.register(settings.id, settings.provider, login);
    this.#parts.tokens?.forget(settings.id);
    return undefined;
  }
}

function patchOf({ definition, upstream, unavailableReason, disabledReason }: AccountEntry): AccountPatch {
  const patch: AccountPatch = {
    models: definition.models ?? null,
    upstream: upstream ?? null,
    unavailableReason: unavailableReason ?? null,
    disabledReason: disabledReason ?? null,
    maxConcurrency: definition.maxConcurrency ?? Infinity,
  };
  if (definition.group !== undefined) patch.group = definition.group;
  if (definition.weight !== undefined) patch.weight = definition.weight;
  if (definition.enabled !== undefined) patch.enabled = definition.enabled;
  if (definition.acceptsUnknownModels !== undefined) patch.acceptsUnknownModels = definition.acceptsUnknownModels;
  return patch;
}

/** A field that is null is not given (RFC 7396, JSON Merge Patch). */
function withoutNulls(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** What turns `before` into `after`; null for a field that only `before` has. */
function difference(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(after)) {
    if (JSON.stringify(before[key]) !== JSON.stringify(value)) changed[key] = value;
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changed[key] = null;
  return changed;
}
