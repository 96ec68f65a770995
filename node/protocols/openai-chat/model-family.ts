/**
 * What OpenAI's newer models refuse, told by their names, since an upstream does not say it: `max_tokens`, and with
 * reasoning models sampling fields with any but their default values. Vendors' prefixes (`openai/o3`) are looked past.
 */
export function isOpenaiReasoningModel(model: string): boolean {
  return usesMaxCompletionTokens(model) && !model.includes('-chat');
}

export function usesMaxCompletionTokens(model: string): boolean {
  return /^(o[1-9]|gpt-([5-9]|\d\d)|codex)(?![0-9a-z])/.test(baseName(model));
}

/** Models that are known to take `reasoning_effort`; others answer 400 to a field they do not know. */
export function takesReasoningEffort(model: string): boolean {
  return isOpenaiReasoningModel(model) || /^(gpt-oss|gemini-(2\.5|[3-9])|grok-3-mini)/.test(baseName(model));
}

function baseName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).toLowerCase();
}
