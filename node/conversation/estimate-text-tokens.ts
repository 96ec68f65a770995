/** Characters of one token in mixed prose, code and JSON. */
const charsPerToken = 3.5;

/** Tokens of a text, estimated at the cost of reading its length; within a third of the real count for Latin script. */
export function estimateTextTokens(text: string): number {
  return Math.ceil(text.length / charsPerToken);
}
