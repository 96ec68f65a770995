import { parseJsonObject } from '../../kit/json.ts';
import type { KeyPolicy } from '../auth/contract.ts';
import type { ProtocolId } from '../protocols/contract.ts';
import { protocolFaults } from '../protocols/faults.ts';

/**
 * What Responses makes in the background is fetched later, and its tokens are told then: whoever has limits has to wait
 * for it. Throws `unsupported_field`.
 */
export function requireForeground({ limits }: KeyPolicy, protocol: ProtocolId | undefined, body: Buffer): void {
  if (limits === undefined || protocol !== 'openai-responses' || !mayName(body)) return;
  if (parseJsonObject(body.toString())?.['background'] !== true) return;
  throw protocolFaults.unsupported_field('background: the tokens of a key with limits are counted as it is answered', {
    field: 'background',
  });
}

/** As it stands, or with letters that are escaped. */
function mayName(body: Buffer): boolean {
  return body.includes('"background"') || body.includes(String.raw`\u00`);
}
