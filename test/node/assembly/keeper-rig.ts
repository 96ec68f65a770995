import type { Mesh } from '../../../cluster/contract.ts';
import type { Clock } from '../../../kit/clock.ts';
import { seededRandom } from '../../../kit/random.ts';
import { Secret } from '../../../kit/secret.ts';
import { Accounts } from '../../../node/accounts/directory.ts';
import { AccountKeeper } from '../../../node/assembly/account-keeper.ts';
import { readAccount } from '../../../node/assembly/account-form.ts';
import { NotesFile } from '../../../node/assembly/account-notes.ts';
import { CredentialFolders } from '../../../node/assembly/credential-files.ts';
import { SharedChanges } from '../../../node/assembly/mesh/shared-changes.ts';
import { ProviderSurroundings } from '../../../node/assembly/provider-surroundings.ts';
import type { ConfiguredAccount } from '../../../node/config/index.ts';
import { providers } from '../../../node/providers/registry.ts';
import type { Provider, ProviderEnvironment, TokenLogin } from '../../../node/providers/contract.ts';
import { idleUpstream } from '../accounts/pool.ts';
import { linesLog } from './lines-log.ts';

export interface KeeperRig {
  readonly accounts: Accounts;
  readonly keeper: AccountKeeper;
  readonly changes: SharedChanges;
  readonly log: ReturnType<typeof linesLog>;
  /** What `open` was given, call by call. */
  readonly opened: { id: string; environment: ProviderEnvironment; text: string | undefined }[];
  /** Logins that the tokens were told of: the refresh token, or undefined where the account has none. */
  readonly logins: (string | undefined)[];
}

/** `qwen-api` with a credential file, as a provider would have it: a login where the file holds one. */
function fileProvider(rig: Pick<KeeperRig, 'opened'>): Provider<object> {
  const { credential } = providers.get('qwen-api')!;
  return {
    id: 'qwen-api',
    credential,
    login(account, files): TokenLogin | undefined {
      const { creds_file } = account as { creds_file?: string };
      const text = creds_file === undefined ? undefined : files.read('creds_file', creds_file);
      if (text === undefined || !text.startsWith('refresh:')) return undefined;
      return {
        refreshToken: new Secret(text),
        url: 'http://127.0.0.1:9/token',
        encoding: 'form',
        naming: 'snake',
        fields: {},
        lifetimeMs: 1,
      };
    },
    open(account, environment) {
      const { creds_file } = account as { creds_file?: string };
      const text = creds_file === undefined ? undefined : environment.files.read('creds_file', creds_file);
      rig.opened.push({ id: account.id, environment, text });
      return { ...idleUpstream };
    },
  };
}

/** A keeper over records of a mesh, with a provider made for the test. */
export function keeperRig(clock: Clock, records: Mesh['records'], home: string): KeeperRig {
  const log = linesLog();
  const accounts = new Accounts({ clock });
  const changes = new SharedChanges(records);
  const opened: KeeperRig['opened'] = [];
  const logins: KeeperRig['logins'] = [];
  const random = seededRandom(1);
  const notes = new NotesFile({ dataDir: home, clock, log });
  const ask = () => Promise.reject(new Error('nothing is asked here'));
  const keeper = new AccountKeeper({
    accounts,
    changes,
    clock,
    log,
    notes,
    providers: new Map<string, Provider<object>>([...providers, ['qwen-api', fileProvider({ opened })]]),
    surroundings: new ProviderSurroundings({ clock, random, log, notes, ask, defaultMaxTokens: undefined }),
    credentials: new CredentialFolders({ home, dataDir: home, log }),
    tokens: {
      register(_id, _provider, login) {
        logins.push(login.refreshToken.reveal());
        return { isUsable: true, current: () => 'access', extra: () => undefined, refused: () => undefined };
      },
      forget: () => void logins.push(undefined),
      refresh: () => Promise.resolve(),
      reading: () => undefined,
    },
    onOpened: () => undefined,
  });
  changes.watch({
    account: (id) => keeper.follow(id),
    algorithm: () => undefined,
    reset: () => undefined,
    changed: () => undefined,
  });
  return { accounts, keeper, changes, log, opened, logins };
}

/** An account as the configuration gives it. */
export function configured(id: string, more: Record<string, unknown> = {}): ConfiguredAccount {
  return readAccount({ id, provider: 'qwen-api', api_key: 'sk-1', ...more });
}
