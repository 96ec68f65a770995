import type { Permission, Principal, Role, RoleDesk } from './contract.ts';
import { authFaults } from './faults.ts';
import type { DeskParts } from './key-desk.ts';
import { isPermission } from './permissions.ts';
import { requireAll } from './rights.ts';
import { roleNameForm } from './role-book.ts';

/** Every role is read by every key that has it; people need a few. */
const rolesMax = 200;

/** Makes, changes and removes roles. */
export class Roles implements RoleDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  list(): readonly Role[] {
    return this.#parts.directory.roles.all();
  }

  get(name: string): Role {
    const role = this.#parts.directory.roles.role(name);
    if (role === undefined) throw authFaults.role_not_found(`there is no role ${JSON.stringify(name.slice(0, 64))}`);
    return role;
  }

  async put(name: string, permissions: readonly Permission[], by: Principal): Promise<Role> {
    const { roles } = this.#parts.directory;
    this.#check(name, permissions);
    this.#requireOwn(name);
    if (!roles.has(name) && roles.table.size >= rolesMax)
      throw authFaults.bad_role(`there are ${rolesMax} roles, and no more may be made`);
    requireAll(by, roles.permissionsOf(name), 'this role');
    requireAll(by, new Set(permissions), 'this role');
    await roles.table.put(name, { permissions: [...new Set(permissions)] });
    this.#parts.log.info('role set', { by: by.id, role: name, permissions: permissions.join(' ') });
    return this.get(name);
  }

  async remove(name: string, by: Principal): Promise<void> {
    const { roles } = this.#parts.directory;
    this.#requireOwn(name);
    requireAll(by, new Set(this.get(name).permissions), 'this role');
    const user = this.#holder(name);
    if (user !== undefined) throw authFaults.role_in_use(`${user} has the role ${name}; give it another one first`);
    const gone = roles.table.remove(name);
    this.#parts.log.info('role removed', { by: by.id, role: name });
    await gone;
  }

  #check(name: string, permissions: readonly Permission[]): void {
    if (!roleNameForm.test(name))
      throw authFaults.bad_role('name must be 1 to 64 letters, digits and . _ -, beginning with a letter or digit', {
        field: 'name',
      });
    const strange = permissions.findIndex((permission) => !isPermission(permission));
    if (strange < 0) return;
    throw authFaults.bad_role(`permissions[${strange}] is no permission`, { field: `permissions[${strange}]` });
  }

  #requireOwn(name: string): void {
    if (this.#parts.directory.roles.isBuiltIn(name))
      throw authFaults.role_built_in(`the role ${name} is built in and stays as it is`, { field: 'name' });
  }

  /** The id of a user or key that has the role. */
  #holder(name: string): string | undefined {
    const { users, keys } = this.#parts.directory;
    const user = users.table.all().find(({ value }) => value.role === name);
    return user?.id ?? keys.all().find(({ record }) => record.role === name)?.id;
  }
}
