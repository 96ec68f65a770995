import { adminFaults } from '../admin/faults.ts';
import { field, listOf, numberOf, textOf } from '../admin/json-fields.ts';
import type { CommandOption, OptionValues } from '../command.ts';
import { restrictionOptions } from './key-options.ts';
import { timeAhead } from './moment-words.ts';
import { enabledOption, given, listOption, numberOption, textOption } from './option-values.ts';

const lists: readonly string[] = ['models', 'providers', 'networks', 'accounts'];

/** Fields of a body for `POST` and `PATCH /keys`. */
export function keyFields(options: OptionValues): Record<string, unknown> {
  const fields = Object.entries(restrictionOptions).map(([name, option]) => [
    name === 'expires' ? 'expires_at' : name.replaceAll('-', '_'),
    valueOf(options, name, option),
  ]);
  return {
    ...given(Object.fromEntries(fields) as Record<string, unknown>),
    ...given({ enabled: enabledOption(options) }),
  };
}

function valueOf(options: OptionValues, name: string, option: CommandOption): unknown {
  if (option.type === 'number') return numberOption(options, name);
  if (option.type === 'boolean') return options[name];
  if (lists.includes(name)) return listOption(options, name);
  const text = textOption(options, name);
  return name === 'expires' ? timeAhead(text) : text;
}

/** Null for each restriction that `--unset` names. */
export function unsetFields(options: OptionValues): Record<string, null> {
  const names = listOption(options, 'unset') ?? [];
  const known = ['user', ...Object.keys(restrictionOptions)];
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined)
    throw adminFaults.bad_argument(`--unset: ${JSON.stringify(strange)} is not known; known: ${known.join(', ')}`);
  const fieldOf: Readonly<Record<string, string>> = { user: 'user_id', expires: 'expires_at' };
  return Object.fromEntries(names.map((name) => [fieldOf[name] ?? name.replaceAll('-', '_'), null]));
}

const limits: readonly [string, string][] = [
  ['requests_per_minute', 'requests/min'],
  ['tokens_per_minute', 'tokens/min'],
  ['concurrent_requests', 'at once'],
  ['daily_token_budget', 'tokens/day'],
  ['monthly_token_budget', 'tokens/month'],
  ['daily_cost_budget', 'cost/day'],
  ['monthly_cost_budget', 'cost/month'],
];

/** `models 2, 60 requests/min`: the restrictions of a key in a few words. */
export function restrictionText(key: unknown): string {
  const counts = lists.flatMap((name) => {
    const { length } = listOf(field(key, name));
    return length === 0 ? [] : [`${name} ${length}`];
  });
  const numbers = limits.flatMap(([name, unit]) => {
    const limit = numberOf(field(key, name));
    return limit === undefined ? [] : [`${limit} ${unit}`];
  });
  const strategy = textOf(field(key, 'strategy'));
  const days = numberOf(field(key, 'store_prompts_days'));
  const others = [
    ...(strategy === undefined ? [] : [strategy]),
    ...(field(key, 'share_cache') === true ? ['shares cache'] : []),
    ...(days === undefined ? [] : [`prompts kept ${days} d`]),
  ];
  return [...counts, ...numbers, ...others].join(', ');
}
