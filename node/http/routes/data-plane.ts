import type { DocumentedCall } from '../openapi.ts';

const permission = 'proxy:use';

/** The data plane's own calls, which never reach fastify; here for the documentation and for 405 answers. */
export const dataPlaneCalls: readonly DocumentedCall[] = [
  call('/v1/messages', 'Anthropic Messages, streamed or not'),
  call('/v1/messages/count_tokens', 'Anthropic token counting'),
  call('/v1/chat/completions', 'OpenAI Chat Completions, streamed or not'),
  call('/v1/responses', 'OpenAI Responses'),
  call('/v1/embeddings', 'OpenAI embeddings'),
  call('/v1beta/models/{model}:generateContent', 'Gemini'),
  call('/v1beta/models/{model}:streamGenerateContent', 'Gemini, streamed'),
  call('/v1beta/models/{model}:countTokens', 'Gemini token counting'),
  // Google's SDK asks under /v1 since its version 3.
  call('/v1/models/{model}:generateContent', 'Gemini'),
  call('/v1/models/{model}:streamGenerateContent', 'Gemini, streamed'),
  call('/v1/models/{model}:countTokens', 'Gemini token counting'),
];

function call(path: string, summary: string): DocumentedCall {
  return { method: 'POST', path, permission, tag: 'proxy', summary };
}
