import { z } from 'zod';
import { AuthTable, type AuthTableParts } from './auth-table.ts';
import { permissions, type Permission, type Role } from './contract.ts';
import { roles as builtIn } from './permissions.ts';
import type { Revision } from './revision.ts';

export const roleNameForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const roleSchema = z.object({ permissions: z.array(z.enum(permissions)).max(permissions.length) });
type RoleRecord = z.infer<typeof roleSchema>;

const builtInNames: ReadonlySet<string> = new Set(Object.keys(builtIn));

/** Nobody may do anything by a role that is not there (any more). */
const nothing: ReadonlySet<Permission> = new Set();

/** The built-in roles, and those that people made. A record cannot take the place of a built-in one. */
export class RoleBook {
  readonly table: AuthTable<RoleRecord>;
  readonly #granted = new Map<string, ReadonlySet<Permission>>(Object.entries(builtIn));

  constructor(parts: AuthTableParts, revision: Revision) {
    this.table = new AuthTable(parts, {
      table: 'roles',
      schema: roleSchema,
      isFinal: false,
      onChange: (now, before) => {
        const name = now?.id ?? before?.id ?? '';
        if (builtInNames.has(name)) return;
        if (now === undefined) this.#granted.delete(name);
        else this.#granted.set(name, new Set(now.value.permissions));
        revision.raise();
      },
    });
  }

  isBuiltIn(name: string): boolean {
    return builtInNames.has(name);
  }

  has(name: string): boolean {
    return this.#granted.has(name);
  }

  /** Empty for a role that there is not. */
  permissionsOf(name: string): ReadonlySet<Permission> {
    return this.#granted.get(name) ?? nothing;
  }

  role(name: string): Role | undefined {
    const granted = this.#granted.get(name);
    return granted && { name, permissions: [...granted], isBuiltIn: this.isBuiltIn(name) };
  }

  all(): Role[] {
    return [...this.#granted.keys()].flatMap((name) => this.role(name) ?? []);
  }
}
