import type { Confirmation } from '../../../cluster/replicated/contract.ts';
import type { CacheMesh } from '../contract.ts';
import { confirmTimeoutMs } from './limits.ts';

const table = 'settings';
const id = 'cache.enabled';

/** Whether the cache is on, as a person switched it at whichever member; else as it is configured here. */
export class SharedSwitch {
  readonly #mesh: CacheMesh;
  readonly #configured: boolean;
  readonly #onChange: (isEnabled: boolean) => void;

  constructor(mesh: CacheMesh, configured: boolean, onChange: (isEnabled: boolean) => void) {
    this.#mesh = mesh;
    this.#configured = configured;
    this.#onChange = onChange;
    mesh.records.watch(table, (record) => {
      if (record.id === id) this.#follow();
    });
    this.#follow();
  }

  set(isEnabled: boolean, done: (outcome: Confirmation) => void): void {
    const { records } = this.#mesh;
    const record = records.put(table, id, { value: isEnabled });
    this.#follow();
    records.confirm(record, confirmTimeoutMs, done);
  }

  #follow(): void {
    const payload = this.#mesh.records.get(table, id)?.payload;
    const value: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'value') : undefined;
    this.#onChange(typeof value === 'boolean' ? value : this.#configured);
  }
}
