import { isJsonObject, parseJson } from '../../kit/json.ts';
import { isNodeId } from '../membership/claim.ts';
import type { PeerCard } from './contract.ts';

/** A node announces few addresses; more, or longer ones, are no node's. */
const addressesMax = 16;
const textLengthMax = 512;

/** What `GET /cluster/peer` answered, as a card; undefined for anything else. Unknown fields are passed over. */
export function readPeerCard(text: string): PeerCard | undefined {
  const value = parseJson(text);
  if (!isJsonObject(value)) return undefined;
  const { node_id, peer_id, addresses, version, instance } = value;
  if (!isNodeId(node_id) || !isText(peer_id) || !isText(version)) return undefined;
  if (!Array.isArray(addresses) || addresses.length > addressesMax || !addresses.every(isMultiaddr)) return undefined;
  if (instance !== undefined && !isText(instance)) return undefined;
  return { node_id, peer_id, addresses, version, ...(instance === undefined ? {} : { instance }) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= textLengthMax;
}

function isMultiaddr(value: unknown): value is string {
  return isText(value) && value.startsWith('/');
}
