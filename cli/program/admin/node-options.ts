/** Options of every verb that calls a node, beside the flags of the node itself. */
export const nodeOptions = {
  url: { type: 'string', description: 'Address of the node; absent: where a start with these flags would listen' },
} as const;
