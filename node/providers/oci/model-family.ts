/** Vendors that Oracle puts before the names of models, and what those names begin with. */
const vendors: readonly (readonly [vendor: string, beginning: RegExp])[] = [
  ['xai', /^grok-/],
  ['cohere', /^command-/],
  ['meta', /^llama-/],
  ['google', /^gemini-/],
  ['openai', /^(?:gpt-|o\d)/],
];

/** `grok-4` for `xai.grok-4`; undefined for a name without a vendor (`gpt-4.1` has none, though it has a dot). */
export function friendlyName(model: string): string | undefined {
  return /^[a-z]+\.(.+)$/.exec(model)?.[1];
}

/** `xai.grok-4` for `grok-4`, where the vendor shows in the name: Oracle knows no model without one. */
export function withVendor(model: string): string {
  const vendor = vendors.find(([, beginning]) => beginning.test(model))?.[0];
  return vendor === undefined ? model : `${vendor}.${model}`;
}
