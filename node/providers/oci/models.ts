import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import { oneHeader } from '../../protocols/retry-after.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import type { ListedModel } from '../contract.ts';
import { jsonObjectAnswer } from '../json-answer.ts';
import { apiVersion } from './endpoints.ts';
import { friendlyName } from './model-family.ts';

/** Models a page: the whole catalogue of a region has about a hundred. */
const pageSize = 100;

/** Path of one page of the models that can chat. `page` goes escaped, and is signed as it goes. */
export function modelsPath(compartment: string, page?: string, size: number = pageSize): string {
  const query = `compartmentId=${encodeURIComponent(compartment)}&capability=CHAT&lifecycleState=ACTIVE&limit=${size}`;
  return `/${apiVersion}/models?${query}${page === undefined ? '' : `&page=${encodeURIComponent(page)}`}`;
}

/** Token of the next page, from the header `opc-next-page`. */
export function nextModelsPage(_body: Buffer, headers: WireHeaders): string | undefined {
  const token = oneHeader(headers, 'opc-next-page');
  return token === '' ? undefined : token;
}

/**
 * The models of a page that can be asked on demand: active, able to chat, not retired, no custom ones (those need a
 * dedicated endpoint). One name may stand for several versions: the newest counts.
 */
export function parseModels(body: Buffer, nowMs: number): ListedModel[] {
  const { items } = jsonObjectAnswer(body);
  if (!Array.isArray(items)) throw protocolFaults.upstream_bad_answer("the upstream's list of models has no items");
  const newest = new Map<string, JsonObject>();
  for (const item of items) {
    if (!isJsonObject(item) || !isUsable(item, nowMs)) continue;
    const name = item['displayName'] as string;
    const other = newest.get(name);
    if (other === undefined || timeOf(item['timeCreated']) > timeOf(other['timeCreated'])) newest.set(name, item);
  }
  return [...newest].map(([name, item]) => listedModel(name, item));
}

function isUsable(item: JsonObject, nowMs: number): boolean {
  const { displayName, capabilities, lifecycleState, type, timeOnDemandRetired } = item;
  if (typeof displayName !== 'string' || displayName === '') return false;
  if (!Array.isArray(capabilities) || !capabilities.includes('CHAT')) return false;
  if (lifecycleState !== 'ACTIVE' || type === 'CUSTOM') return false;
  return typeof timeOnDemandRetired !== 'string' || !(Date.parse(timeOnDemandRetired) <= nowMs);
}

function listedModel(name: string, item: JsonObject): ListedModel {
  const model: ListedModel = { id: name };
  const created = timeOf(item['timeCreated']);
  if (created > 0) model.created = Math.floor(created / 1000);
  if (typeof item['vendor'] === 'string' && item['vendor'] !== '') model.ownedBy = item['vendor'];
  const friendly = friendlyName(name);
  if (friendly !== undefined) model.aliases = [friendly];
  return model;
}

/** Wall ms; 0 for what is no time. */
function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}
