import { field, listOf, textOf } from '../admin/json-fields.ts';
import { visibleText } from '../admin/visible-text.ts';
import type { CommandCall } from '../command.ts';
import { onNode } from './on-node.ts';
import { printTable } from './print-table.ts';

/** `aiproxy roles list` */
export function listRoles(call: CommandCall): Promise<number> {
  return onNode(call, [], async ({ client, output }) => {
    const answer = await client.get('/roles');
    if (output.isJson) return output.json(answer);
    const rows = listOf(field(answer, 'roles')).map((role) => [
      textOf(field(role, 'name')) ?? '',
      field(role, 'built_in') === true ? 'yes' : 'no',
      listOf(field(role, 'permissions')).join(' '),
    ]);
    printTable(output, ['ROLE', 'BUILT IN', 'PERMISSIONS'], rows, 'no roles');
  });
}

/** `aiproxy roles set NAME PERMISSION…` */
export function setRole(call: CommandCall): Promise<number> {
  return onNode(call, ['NAME', 'PERMISSION…'], async ({ words, client, output }) => {
    const [name = '', ...rest] = words;
    const permissions = rest.flatMap((word) => word.split(',')).filter((word) => word !== '');
    const role = await client.put(`/roles/${encodeURIComponent(name)}`, { permissions });
    if (output.isJson) output.json(role);
    else output.line(`${visibleText(name)} may: ${listOf(field(role, 'permissions')).join(' ')}`);
  });
}

/** `aiproxy roles remove NAME` */
export function removeRole(call: CommandCall): Promise<number> {
  return onNode(call, ['NAME'], async ({ words, client, output }) => {
    const [name = ''] = words;
    await client.delete(`/roles/${encodeURIComponent(name)}`);
    if (output.isJson) output.json({ removed: name });
    else output.line(`${visibleText(name)} is removed`);
  });
}
