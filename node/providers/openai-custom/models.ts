import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { ListedModel } from '../contract.ts';
import { jsonAnswer } from '../json-answer.ts';

/** More names than any upstream lists; a list beyond it is a mistake and is cut. */
const modelsMax = 10_000;

/** Reads `GET /models`: `{data: [{id, created, owned_by}]}`, a bare list (Together), or `{models: [{name}]}`. */
export function parseModels(body: Buffer): ListedModel[] {
  const parsed = jsonAnswer(body, 'list of models');
  const list = Array.isArray(parsed) ? parsed : isJsonObject(parsed) ? (parsed['data'] ?? parsed['models']) : undefined;
  if (!Array.isArray(list)) throw protocolFaults.upstream_bad_answer("the upstream's list of models has no data");
  const models = list.slice(0, modelsMax).filter(isJsonObject).map(decodeModel);
  return models.filter((model) => model.id !== '');
}

function decodeModel(from: JsonObject): ListedModel {
  const id = from['id'] ?? from['name'];
  const model: ListedModel = { id: typeof id === 'string' ? id : '' };
  const displayName = from['display_name'] ?? (from['id'] === undefined ? undefined : from['name']);
  if (typeof displayName === 'string' && displayName !== model.id) model.displayName = displayName;
  if (typeof from['created'] === 'number') model.created = from['created'];
  if (typeof from['owned_by'] === 'string') model.ownedBy = from['owned_by'];
  return model;
}
