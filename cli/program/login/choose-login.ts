import { distance } from 'fastest-levenshtein';
import { accountShape } from '../../../node/config/account-shape.ts';
import type { InteractiveLogin, Provider } from '../../../node/providers/contract.ts';
import { providers } from '../../../node/providers/registry.ts';
import { loginFaults } from './faults.ts';

/** A provider that people can log in to, and how. */
export interface ChosenLogin {
  readonly provider: Provider<object>;
  readonly login: InteractiveLogin;
  readonly kind: string;
}

/** Kinds of login by provider; none for a provider of keys. */
export function knownLogins(): Map<string, readonly string[]> {
  return new Map([...providers.values()].map(({ id, interactiveLogin }) => [id, interactiveLogin?.kinds ?? []]));
}

/** Throws `login_unknown`, which says what was probably meant. */
export function chooseLogin(name: string, kind: string | undefined): ChosenLogin {
  const provider = [...providers.values()].find(({ id }) => id === name);
  if (provider === undefined)
    throw loginFaults.login_unknown(`${name}: unknown provider; ${meant(name, [...providers.keys()])}`);
  const login = provider.interactiveLogin;
  if (login === undefined) throw loginFaults.login_unknown(`${name} has no login: ${keyAdvice(name)}`);
  const chosen = kind ?? login.kinds[0] ?? '';
  if (!login.kinds.includes(chosen))
    throw loginFaults.login_unknown(`--kind ${chosen}: unknown at ${name}; ${meant(chosen, login.kinds)}`);
  return { provider, login, kind: chosen };
}

/** Whether accounts of the provider name a file with their credentials. */
export function takesFile(provider: string): boolean {
  return Object.hasOwn(accountShape(provider), 'creds_file');
}

/** Fields that may hold a provider's key, the simplest first. */
const keyFields = ['api_key', 'config_file', 'key_file', 'key_content'];

/** What to give an account of a provider that knows no login. */
export function keyAdvice(provider: string): string {
  const shape = accountShape(provider);
  const fields = keyFields.filter((field) => Object.hasOwn(shape, field));
  const rest = fields.length > 1 ? `${fields.slice(0, -1).join(', ')} or ${fields.at(-1)}` : (fields[0] ?? 'a key');
  return `give its account ${rest} (docs/configuration.md)`;
}

function meant(typed: string, known: readonly string[]): string {
  const [nearest] = known.toSorted((one, other) => distance(typed, one) - distance(typed, other));
  const isNear = nearest !== undefined && (distance(typed, nearest) <= 3 || nearest.startsWith(typed));
  return isNear ? `did you mean ${nearest}?` : `known: ${known.join(', ')}`;
}
