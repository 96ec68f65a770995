/** What a write ends with on a bad disk; expected, unlike every other error. */
export class DiskError extends Error {}
