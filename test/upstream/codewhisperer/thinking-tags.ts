const tags =
  /<thinking_mode>(interleaved|enabled|adaptive)<\/thinking_mode>(?:<max_thinking_length>(\d+)<\/max_thinking_length>|<thinking_effort>(?:low|medium|high)<\/thinking_effort>)?\s*/g;

/** Whether a text asks for thinking in the way that older hosts know. */
export function asksForThinking(text: string): boolean {
  return text.search(tags) !== -1;
}

export function withoutThinkingTags(text: string): string {
  return text.replaceAll(tags, '');
}
