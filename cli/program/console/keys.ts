import type { AdminClient } from '../admin/admin-client.ts';
import { adminFaults } from '../admin/faults.ts';
import { field, textOf } from '../admin/json-fields.ts';
import { visibleText } from '../admin/visible-text.ts';
import type { CommandCall } from '../command.ts';
import { keyFields, restrictionText, unsetFields } from './key-fields.ts';
import { listAll } from './list-all.ts';
import { shortTime } from './moment-words.ts';
import { onNode } from './on-node.ts';
import { given, textOption } from './option-values.ts';
import { printTable } from './print-table.ts';
import { userIdOf } from './users.ts';

const head = ['ID', 'NAME', 'KEY', 'USER', 'ROLE', 'STATE', 'EXPIRES', 'LAST USED', 'RESTRICTIONS'];

/** `aiproxy keys list` */
export function listKeys(call: CommandCall): Promise<number> {
  return onNode(call, [], async ({ client, options, output }) => {
    const named = textOption(options, 'user');
    const user = named === undefined ? undefined : await userIdOf(client, named);
    const keys = await listAll(client, '/keys', 'keys', { user });
    if (output.isJson) return output.json({ keys, next_cursor: null });
    printTable(output, head, keys.map(rowOf), 'no keys; make one with aiproxy keys add NAME');
  });
}

/** `aiproxy keys add NAME`: the key alone on stdout, so that a script can take it. */
export function addKey(call: CommandCall): Promise<number> {
  return onNode(call, ['NAME'], async ({ words, client, options, output }) => {
    const [name = ''] = words;
    const fields = keyFields(options);
    const named = textOption(options, 'user');
    const user_id = named === undefined ? undefined : await userIdOf(client, named);
    const made = await client.post('/keys', { name, ...fields, ...given({ user_id }) });
    if (output.isJson) return output.json(made);
    output.line(textAt(made, 'key'));
    output.error(`${textAt(made, 'id')} is made; the key is shown this once, and only its hash is kept`);
  });
}

/** `aiproxy keys set ID` */
export function setKey(call: CommandCall): Promise<number> {
  return onNode(call, ['ID or NAME'], async ({ words, client, options, output }) => {
    const [word = ''] = words;
    const changes = { ...keyFields(options), ...unsetFields(options), ...given({ name: textOption(options, 'name') }) };
    const named = textOption(options, 'user');
    if (named === undefined && Object.keys(changes).length === 0)
      throw adminFaults.bad_argument('nothing to set; aiproxy keys set --help lists what can be');
    const id = await keyIdOf(client, word);
    const user_id = named === undefined ? undefined : await userIdOf(client, named);
    const key = await client.patch(`/keys/${encodeURIComponent(id)}`, { ...changes, ...given({ user_id }) });
    if (output.isJson) output.json(key);
    else printTable(output, head, [rowOf(key)], '');
  });
}

/** `aiproxy keys revoke ID` */
export function revokeKey(call: CommandCall): Promise<number> {
  return onNode(call, ['ID or NAME'], async ({ words, client, output }) => {
    const [word = ''] = words;
    const id = await keyIdOf(client, word);
    await client.delete(`/keys/${encodeURIComponent(id)}`);
    if (output.isJson) output.json({ revoked: id });
    else output.line(`${visibleText(word)} is revoked: every live member refuses it`);
  });
}

/** The id of the key that a word names: by id, or by a name that no other key has. Throws `bad_argument`. */
async function keyIdOf(client: AdminClient, word: string): Promise<string> {
  const keys = await listAll(client, '/keys', 'keys');
  if (keys.some((key) => field(key, 'id') === word)) return word;
  const named = keys.filter((key) => field(key, 'name') === word);
  const id = textOf(field(named[0], 'id'));
  if (named.length > 1)
    throw adminFaults.bad_argument(`${named.length} keys are named ${JSON.stringify(word)}; name one by its id`);
  if (id !== undefined) return id;
  throw adminFaults.bad_argument(`${JSON.stringify(word)} is no key; aiproxy keys list shows them`);
}

function rowOf(key: unknown): string[] {
  return [
    textAt(key, 'id'),
    textAt(key, 'name'),
    `${textAt(key, 'prefix')}…`,
    textAt(key, 'user_id'),
    textAt(key, 'role'),
    stateOf(key),
    shortTime(textOf(field(key, 'expires_at'))),
    shortTime(textOf(field(key, 'last_used_at'))),
    restrictionText(key),
  ];
}

function stateOf(key: unknown): string {
  if (field(key, 'enabled') === false) return 'disabled';
  const expiresAt = textOf(field(key, 'expires_at'));
  return expiresAt !== undefined && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'enabled';
}

function textAt(value: unknown, name: string): string {
  return textOf(field(value, name)) ?? '';
}
