import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { ListedModel } from '../contract.ts';
import { jsonAnswer } from '../json-answer.ts';

/** The largest page that the API gives; no upstream lists more models. */
export const modelsPerPageMax = 1000;

/** Reads `GET /v1/models`: `{data: [{id, display_name, created_at}]}`; also OpenAI's members, which relatives send. */
export function parseModels(body: Buffer): ListedModel[] {
  const parsed = jsonAnswer(body, 'list of models');
  const list = isJsonObject(parsed) ? parsed['data'] : undefined;
  if (!Array.isArray(list)) throw protocolFaults.upstream_bad_answer("the upstream's list of models has no data");
  const models = list.slice(0, modelsPerPageMax).filter(isJsonObject).map(decodeModel);
  return models.filter((model) => model.id !== '');
}

function decodeModel(from: JsonObject): ListedModel {
  const { id, display_name: displayName, created, owned_by: ownedBy } = from;
  const model: ListedModel = { id: typeof id === 'string' ? id : '' };
  if (typeof displayName === 'string' && displayName !== model.id) model.displayName = displayName;
  const createdAt = typeof from['created_at'] === 'string' ? Date.parse(from['created_at']) / 1000 : created;
  if (typeof createdAt === 'number' && createdAt > 0) model.created = Math.floor(createdAt);
  if (typeof ownedBy === 'string') model.ownedBy = ownedBy;
  return model;
}
