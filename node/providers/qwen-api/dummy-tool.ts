import type { JsonObject } from '../../../kit/json.ts';

/** Some models stray where a request has no tool at all (router-for-me/CLIProxyAPI): one that does nothing keeps them to it. */
export function addDummyTool(body: JsonObject): void {
  if (body['tools'] !== undefined) return;
  const parameters = { type: 'object', properties: {} };
  const description = 'Does nothing. Never call it.';
  body['tools'] = [{ type: 'function', function: { name: 'do_not_call', description, parameters } }];
}
