/** What `usage` and `traces` can be narrowed to. */
export const usageFilters = {
  from: { type: 'string', description: 'Beginning: a date, a time in ISO 8601, or 7d, 12h … ago' },
  to: { type: 'string', description: 'End, likewise; what begins then is not in it' },
  key: { type: 'string', description: 'Id of a key' },
  user: { type: 'string', description: 'Id of a user' },
  account: { type: 'string', description: 'Id of an account' },
  model: { type: 'string', description: 'Name of a model, exactly' },
} as const;
