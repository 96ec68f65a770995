import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { ListedModel } from '../contract.ts';
import { jsonObjectAnswer } from '../json-answer.ts';

/** Code Assist has no call that lists models (google-gemini/gemini-cli: packages/core/src/config/models.ts). */
export const codeAssistModels: readonly ListedModel[] = [
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gemini-3-pro-preview',
  'gemini-3-flash-preview',
  'gemini-3-flash',
  'gemini-3.1-pro-preview',
  'gemini-3.1-flash-lite',
  'gemini-3.1-flash-lite-preview',
  'gemini-3.5-flash',
].map((id) => ({ id, ownedBy: 'google' }));

const namePrefix = 'models/';

/** Reads a page of `GET /v1beta/models`; models that only embed or count are left out. */
export function parseModels(body: Buffer): ListedModel[] {
  const { models } = jsonObjectAnswer(body);
  if (models === undefined) return [];
  if (!Array.isArray(models)) throw protocolFaults.upstream_bad_answer("the upstream's list of models is none");
  return models.filter(isJsonObject).filter(generates).map(modelOf);
}

export function nextPageOf(body: Buffer): string | undefined {
  const { nextPageToken: token } = jsonObjectAnswer(body);
  return typeof token === 'string' && token !== '' ? token : undefined;
}

function generates({ name, supportedGenerationMethods: methods }: JsonObject): boolean {
  return typeof name === 'string' && Array.isArray(methods) && methods.includes('generateContent');
}

function modelOf({ name, displayName }: JsonObject): ListedModel {
  const id = String(name).startsWith(namePrefix) ? String(name).slice(namePrefix.length) : String(name);
  return { id, ownedBy: 'google', ...(typeof displayName === 'string' ? { displayName } : {}) };
}
