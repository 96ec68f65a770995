import OpenAI, { APIError } from 'openai';
import type { Door, Failure, Heard } from '../contract.ts';
import { fetchWithHeaders, noteHeaders, nothingHeard, secondsOf } from '../nothing-heard.ts';

/** Asks with OpenAI's SDK, whose two APIs fail alike; `ask` notes what it hears. */
export async function askOpenai(
  { url, key }: Door,
  ask: (client: OpenAI, heard: Heard) => Promise<void>,
): Promise<Heard> {
  const wire = fetchWithHeaders();
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, fetch: wire.fetch });
  const heard = nothingHeard();
  try {
    await ask(client, heard);
  } catch (error) {
    heard.failure = failureOf(error);
  }
  noteHeaders(heard, wire.last());
  return heard;
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof APIError)) throw error;
  return {
    status: error.status,
    kind: error.type ?? '',
    message: `${error.param ?? ''} ${error.message}`,
    retryAfterSeconds: secondsOf(error.headers),
  };
}
