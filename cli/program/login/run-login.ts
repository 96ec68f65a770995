import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../../kit/atomic-file.ts';
import { systemClock } from '../../../kit/clock.ts';
import { isFault } from '../../../kit/fault.ts';
import { systemRandom } from '../../../kit/random.ts';
import { accountIdAllowed, accountIdForm } from '../../../node/accounts/settings.ts';
import { loadConfiguration } from '../../../node/config/load.ts';
import type { Settings } from '../../../node/config/settings.ts';
import type { LoginChoice, LoginOutcome } from '../../../node/providers/contract.ts';
import { findNode } from '../admin/find-node.ts';
import type { CommandCall } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { newAccount, type NewAccount, yamlLines } from './account-fields.ts';
import { addAccount } from './add-account.ts';
import { chooseLogin, type ChosenLogin, takesFile } from './choose-login.ts';
import { loginFaults } from './faults.ts';
import { listLogins } from './list-logins.ts';
import { CommandDesk } from './login-desk.ts';

/** `aiproxy login PROVIDER`: logs a person in and keeps what the login gave, for an account of that provider. */
export async function runLogin(call: CommandCall): Promise<number> {
  const [name, ...nodeArgs] = call.nodeArgs;
  if (name === undefined || name.startsWith('-')) return listLogins(call.output);
  const text = (option: string) => textOption(call, option);
  const chosen = chooseLogin(name, text('kind'));
  const { output, terminal } = call;
  const { env, cwd, home } = terminal;
  const configuration = await loadConfiguration({ args: nodeArgs, env, cwd, home });
  if (!configuration.ok) {
    for (const line of configuration.errors) output.error(line);
    return exitCodes.usage;
  }
  const id = text('id') ?? name;
  if (!accountIdForm.test(id)) {
    output.error(`--id: ${JSON.stringify(id)} is not allowed; allowed: ${accountIdAllowed}`);
    return exitCodes.usage;
  }
  const path = pathOf(call, configuration.settings, id);
  if (text('id') === undefined && text('out') === undefined && existsSync(path)) {
    output.error(`${path} holds a login already; --id ${id} replaces it, another --id makes another account`);
    return exitCodes.usage;
  }
  const outcome = await atTheDesk(call, chosen);
  if (outcome === undefined) {
    output.error('the login was given up; nothing was written');
    return exitCodes.interrupted;
  }
  const account = newAccount(id, name, outcome, { path, takesFile: takesFile(name) });
  await writeFileAtomic(path, `${JSON.stringify(account.file, null, account.namesFile ? 2 : undefined)}\n`);
  const added = await offer({ ...call, nodeArgs }, account);
  if (output.isJson) {
    const { summary } = outcome;
    output.json({ id, provider: name, kind: chosen.kind, file: path, summary, node: added ?? null });
  } else print(call, { outcome, path, account, added });
  return exitCodes.ok;
}

function textOption({ options }: CommandCall, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function pathOf(call: CommandCall, { data_dir }: Settings, id: string): string {
  const out = textOption(call, 'out');
  return out === undefined ? resolve(join(data_dir, 'logins', `${id}.json`)) : resolve(call.terminal.cwd, out);
}

/** Undefined when the person gave up. */
async function atTheDesk(call: CommandCall, { login, kind }: ChosenLogin): Promise<LoginOutcome | undefined> {
  const { terminal, output } = call;
  const controller = new AbortController();
  const giveUp = () => controller.abort(loginFaults.login_given_up('the login was given up'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) terminal.onSignal(signal, giveUp);
  try {
    const desk = new CommandDesk({
      clock: systemClock,
      random: systemRandom,
      signal: controller.signal,
      terminal,
      show: (line) => output.error(line),
    });
    return await login.run(choiceOf(call, kind), desk);
  } catch (error) {
    if (controller.signal.aborted) return undefined;
    throw error;
  } finally {
    for (const signal of signals) terminal.offSignal(signal, giveUp);
  }
}

function choiceOf(call: CommandCall, kind: string): LoginChoice {
  const text = (name: string) => textOption(call, name);
  const given = {
    region: text('region'),
    startUrl: text('start-url'),
    clientId: text('client-id'),
    clientSecret: text('client-secret'),
    authUrl: text('auth-url')?.replace(/\/+$/, ''),
  };
  return { kind, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** Adds the account to the node that runs here: as asked, or at a terminal after a yes. Undefined: it was not added. */
async function offer(call: CommandCall, account: NewAccount): Promise<'added' | 'changed' | undefined> {
  const isAsked = call.options['add'] === true;
  const { terminal, output } = call;
  if (!isAsked && (output.isJson || terminal.ask === undefined)) return undefined;
  try {
    const node = await findNode(call);
    if (!node.ok) throw new Error(node.errors.join('; '));
    if (!isAsked) {
      await node.client.get('/accounts/stats');
      const answer = (await terminal.ask?.(`Add the account to the node at ${node.client.url}? [y/N] `)) ?? '';
      if (!/^y(?:es)?$/i.test(answer.trim())) return undefined;
    }
    return await addAccount(node.client, account);
  } catch (error) {
    // The login is made and kept; without --add nobody counted on a node.
    if (!isAsked && isFault(error) && (error.code === 'node_unreachable' || error.code === 'no_key')) return undefined;
    output.error('the credentials are kept; the account was not added to a node');
    throw error;
  }
}

interface Printed {
  outcome: LoginOutcome;
  path: string;
  account: NewAccount;
  added: 'added' | 'changed' | undefined;
}

function print({ output }: CommandCall, { outcome, path, account, added }: Printed): void {
  const { id } = account.fields;
  output.line(outcome.summary);
  output.line(`kept in ${path}`);
  if (added !== undefined) output.line(`account ${id} was ${added} at the running node; other nodes need the file too`);
  output.line();
  output.line('The account, for the configuration file:');
  if (account.namesFile) {
    output.line('accounts:');
    for (const line of yamlLines(account.fields)) output.line(line);
  } else {
    output.line('accounts:');
    output.line(`  - …  # the one line that ${path} holds: the whole account, with its secrets`);
  }
}
