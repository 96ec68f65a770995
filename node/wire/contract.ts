/** Response headers of an upstream, names in lower case, as undici gives them. */
export type WireHeaders = Record<string, string | string[] | undefined>;
