import type { Json, JsonObject } from '../../../kit/json.ts';
import { checkImages } from './check-images.ts';
import { checkResults, type ToolResult } from './check-results.ts';
import { checkTools, type DeclaredTool } from './check-tools.ts';
import { wrongCredential } from './errors.ts';
import { type Checks, noNulls, objectAt, onlyKnown, textAt } from './fields.ts';
import type { Service } from './service.ts';

const messageMembers = [
  'content',
  'origin',
  'modelId',
  'images',
  'userIntent',
  'cachePoint',
  'clientCacheConfig',
  'userInputMessageContext',
];
const contextMembers = [
  'envState',
  'tools',
  'toolResults',
  'editorState',
  'shellState',
  'gitState',
  'additionalContext',
];
const environmentMembers = ['operatingSystem', 'currentWorkingDirectory', 'environmentVariables', 'timezoneOffset'];
const workingDirectoryLengthMax = 256;
/** Characters of one message (the official client's note of the service's limit). */
const contentLengthMax = 600_000;

export interface UserMessage {
  role: 'user';
  content: string;
  modelId: string | undefined;
  images: JsonObject[];
  results: ToolResult[];
  tools: DeclaredTool[];
}

export interface MessagePlace {
  service: Service;
  /** Declares tools and names its model and origin. */
  isCurrent: boolean;
  knowsModel(model: string): boolean;
}

export function checkUser(value: Json | undefined, path: string, place: MessagePlace, checks: Checks): UserMessage {
  const message = objectAt(value, path, checks);
  onlyKnown(message, messageMembers, path, checks);
  noNulls(message, path, checks);
  const context = checkContext(message['userInputMessageContext'], `${path}.userInputMessageContext`, place, checks);
  checkImages(message['images'], `${path}.images`, checks);
  checkOrigin(message['origin'], `${path}.origin`, place, checks);
  const modelId = checkModel(message['modelId'], `${path}.modelId`, place, checks);
  const content = textAt(message['content'], `${path}.content`, checks);
  if (content.length > contentLengthMax)
    checks.refuse('too-long', `${path}.content: is longer than ${contentLengthMax} characters`);
  const mayBeEmpty = place.service.takesEmptyContent && context.results.length > 0;
  if (content === '' && !mayBeEmpty) checks.improper(`${path}.content: is empty`);
  return { role: 'user', content, modelId, images: (message['images'] ?? []) as JsonObject[], ...context };
}

function checkOrigin(
  value: Json | undefined,
  path: string,
  { service, isCurrent }: MessagePlace,
  checks: Checks,
): void {
  if (value === undefined && !isCurrent) return;
  if (typeof value === 'string' && service.origins.includes(value)) return;
  checks.refuse(wrongCredential, `${path}: is none of ${service.origins.join(', ')}`);
}

function checkModel(value: Json | undefined, path: string, place: MessagePlace, checks: Checks): string | undefined {
  if (value === undefined && !place.isCurrent) return undefined;
  if (typeof value === 'string' && place.knowsModel(value)) return value;
  return checks.refuse('no-model', `${path}: ${JSON.stringify(value)} is no model`);
}

type Context = Pick<UserMessage, 'results' | 'tools'>;

function checkContext(value: Json | undefined, path: string, place: MessagePlace, checks: Checks): Context {
  if (value === undefined) return { results: [], tools: [] };
  const context = objectAt(value, path, checks);
  onlyKnown(context, contextMembers, path, checks);
  noNulls(context, path, checks);
  checkEnvironment(context['envState'], `${path}.envState`, checks);
  if (!place.isCurrent && context['tools'] !== undefined) checks.improper(`${path}.tools: stands in the history`);
  return {
    results: checkResults(context['toolResults'], `${path}.toolResults`, checks),
    tools: checkTools(context['tools'], `${path}.tools`, checks),
  };
}

function checkEnvironment(value: Json | undefined, path: string, checks: Checks): void {
  if (value === undefined) return;
  const state = objectAt(value, path, checks);
  onlyKnown(state, environmentMembers, path, checks);
  const directory = textAt(state['currentWorkingDirectory'] ?? '', `${path}.currentWorkingDirectory`, checks);
  if (directory.length > workingDirectoryLengthMax)
    checks.improper(`${path}.currentWorkingDirectory: is longer than ${workingDirectoryLengthMax} characters`);
}
