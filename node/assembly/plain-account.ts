import { Secret } from '../../kit/secret.ts';

/** An account's fields without its secrets, for people. Fields that hold headers may hold credentials and count as secret. */
export function withoutSecrets(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value instanceof Secret || key === 'headers' || value === undefined) continue;
    shown[key] = value;
  }
  return shown;
}

/** An account's fields with its secrets in the clear, for the file in the data folder and for nothing else. */
export function withSecrets(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) kept[key] = value instanceof Secret ? value.reveal() : value;
  }
  return kept;
}
