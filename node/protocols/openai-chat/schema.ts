/**
 * What a Chat Completions request may hold, field by field, and what becomes of each.
 * Source: the request type of npm openai 7.55 (`ChatCompletionCreateParams`) and the extensions named beside a field.
 */

/** Read by the decoder. */
export const carriedFields: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k', // vLLM, Qwen, OpenRouter
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'stop',
  'response_format',
  'reasoning_effort',
  'reasoning', // OpenRouter: {effort, max_tokens, enabled}
  'thinking', // DeepSeek, GLM: {type, budget_tokens}
  'enable_thinking', // Qwen
  'thinking_budget', // Qwen
  'prompt_cache_key',
  'functions',
  'function_call',
]);

/** Values with which a field asks for nothing, so that neither a refusal nor a report is due. */
export const idleValues: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  logprobs: [false],
  top_logprobs: [0],
  store: [false],
  service_tier: ['auto', 'default'],
  verbosity: ['medium'],
  prompt_cache_retention: ['in_memory'],
};

/**
 * Fields whose loss would change what the client relies on in the answer: refused with `unsupported_field`. Whatever
 * is neither here nor carried is a hint (`logit_bias`, `user`, `metadata`, `prediction`, …) and is reported as dropped.
 */
export const refusedFields: Readonly<Record<string, string>> = {
  n: 'several choices cannot be carried to this provider; send n: 1',
  logprobs: 'token probabilities cannot be carried to this provider',
  web_search_options: 'web search cannot be carried to this provider',
  moderation: 'moderation results cannot be carried to this provider',
};

export const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

/** Longest tool call id that OpenAI takes in a request, characters ("string too long … maximum length 40"). */
export const callIdLengthMax = 40;
