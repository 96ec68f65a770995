import type { AdminClient } from '../admin/admin-client.ts';
import { adminFaults } from '../admin/faults.ts';
import { field, textOf } from '../admin/json-fields.ts';
import { visibleText } from '../admin/visible-text.ts';
import type { CommandCall } from '../command.ts';
import { listAll } from './list-all.ts';
import { shortTime } from './moment-words.ts';
import { onNode } from './on-node.ts';
import { enabledOption, given, textOption } from './option-values.ts';
import { newPassword } from './password.ts';
import { printTable } from './print-table.ts';

/** `aiproxy users list` */
export function listUsers(call: CommandCall): Promise<number> {
  return onNode(call, [], async ({ client, output }) => {
    const users = await listAll(client, '/users', 'users');
    if (output.isJson) return output.json({ users, next_cursor: null });
    const rows = users.map((user) => [
      textAt(user, 'id'),
      textAt(user, 'username'),
      textAt(user, 'role'),
      stateOf(user),
      shortTime(textOf(field(user, 'created_at'))),
    ]);
    printTable(output, ['ID', 'NAME', 'ROLE', 'STATE', 'SINCE'], rows, 'no users; add one with aiproxy users add NAME');
  });
}

/** `aiproxy users add NAME` */
export function addUser(call: CommandCall): Promise<number> {
  return onNode(call, ['NAME'], async ({ words, client, options, output }) => {
    const [username = ''] = words;
    const role = textOption(options, 'role') ?? 'user';
    const password = await newPassword(call);
    const user = await client.post('/users', { username, password, role });
    if (output.isJson) output.json(user);
    else
      output.line(`${visibleText(username)} is added as ${textAt(user, 'id')}, with the role ${textAt(user, 'role')}`);
  });
}

/** `aiproxy users set NAME` */
export function setUser(call: CommandCall): Promise<number> {
  return onNode(call, ['NAME or ID'], async ({ words, client, options, output }) => {
    const [word = ''] = words;
    const asked = options['new-password'] === true || options['password-stdin'] === true;
    const fields = given({
      username: textOption(options, 'name'),
      role: textOption(options, 'role'),
      enabled: enabledOption(options),
    });
    if (!asked && Object.keys(fields).length === 0)
      throw adminFaults.bad_argument('nothing to set; aiproxy users set --help lists what can be');
    const id = await userIdOf(client, word);
    const password = asked ? await newPassword(call) : undefined;
    const user = await client.patch(`/users/${encodeURIComponent(id)}`, { ...fields, ...given({ password }) });
    if (output.isJson) output.json(user);
    else output.line(`${visibleText(textAt(user, 'username'))}: role ${textAt(user, 'role')}, ${stateOf(user)}`);
  });
}

/** `aiproxy users remove NAME` */
export function removeUser(call: CommandCall): Promise<number> {
  return onNode(call, ['NAME or ID'], async ({ words, client, output }) => {
    const [word = ''] = words;
    const id = await userIdOf(client, word);
    await client.delete(`/users/${encodeURIComponent(id)}`);
    if (output.isJson) output.json({ removed: id });
    else output.line(`${visibleText(word)} is removed, with all keys and sessions`);
  });
}

/** The id of the user whom a word names, by name or id. Throws `bad_argument` where there is none. */
export async function userIdOf(client: AdminClient, word: string): Promise<string> {
  const users = await listAll(client, '/users', 'users');
  const found =
    users.find((user) => field(user, 'id') === word) ?? users.find((user) => field(user, 'username') === word);
  const id = textOf(field(found, 'id'));
  if (id !== undefined) return id;
  throw adminFaults.bad_argument(`${JSON.stringify(word)} is no user; aiproxy users list shows them`);
}

function stateOf(user: unknown): string {
  if (field(user, 'enabled') === false) return 'disabled';
  const lockedUntil = textOf(field(user, 'locked_until'));
  return lockedUntil === undefined ? 'enabled' : `locked until ${shortTime(lockedUntil)}`;
}

function textAt(value: unknown, name: string): string {
  return textOf(field(value, name)) ?? '';
}
