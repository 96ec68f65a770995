/**
 * Phrases by which upstreams say that a prompt exceeds the model's context window. Such an error must reach the client
 * as what it is (clients compact on it), whatever status it came with.
 */
const phrases: readonly RegExp[] = [
  // Anthropic: "prompt is too long: 210000 tokens > 200000 maximum"; Bedrock and its relatives: "Input is too long for requested model."
  /\b(?:prompt|input|request|conversation|content length) (?:is|was) too long\b/i,
  /input length and `?max_tokens`? exceed context limit/i,
  // OpenAI: code context_length_exceeded, "This model's maximum context length is 128000 tokens."
  /context_length_exceeded/i,
  /maximum context length/i,
  /(?:exceed|longer than|larger than|beyond|fit)[^.]{0,60}context (?:window|length|size|limit)/i,
  /context (?:window|length|size|limit)[^.]{0,40}exceed/i,
  // Gemini: "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576)."
  /input token count[^.]{0,40}exceeds/i,
  /prompt contains[^.]{0,40}tokens[^.]{0,60}(?:limit|maximum)/i,
  // Kiro and Amazon Q.
  /CONTENT_LENGTH_EXCEEDS_THRESHOLD/,
  // Qwen: "Range of input length should be [1, 129024]".
  /range of input length should be/i,
  /too many (?:input|prompt) tokens/i,
];

/** Whether any of these texts (message, type, code) says that the prompt exceeds the context window. */
export function saysContextTooLong(...texts: (string | number | undefined)[]): boolean {
  return texts.some((text) => typeof text === 'string' && phrases.some((phrase) => phrase.test(text)));
}
