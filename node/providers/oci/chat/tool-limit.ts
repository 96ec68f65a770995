import type { Tool } from '../../../conversation/contract.ts';
import { protocolFaults } from '../../../protocols/faults.ts';

/** Tools that one request takes, by Oracle's SDK. */
const toolsMax = 128;

/** Leaving tools out would change what the client relies on. */
export function refuseTooManyTools(tools: readonly Tool[]): void {
  if (tools.length <= toolsMax) return;
  throw protocolFaults.unsupported_field(`tools: this provider takes at most ${toolsMax}, got ${tools.length}`, {
    field: 'tools',
  });
}
