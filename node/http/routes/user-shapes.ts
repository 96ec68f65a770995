import { z } from 'zod';
import type { User } from '../../auth/contract.ts';
import { passwordLengthMax, passwordLengthMin } from '../../auth/password-rules.ts';
import { isoOf } from '../moment.ts';
import { plainText } from '../plain-text.ts';

export const usernameText = plainText(64).describe('letters, digits and . _ @ + -; unique in whatever case');

/** Longer ones would cost time to hash and are no safer. */
export const passwordText = z
  .string()
  .min(1)
  .max(passwordLengthMax)
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');

/** What else makes one weak, the users' room says. */
export const newPasswordText = passwordText.describe(`at least ${passwordLengthMin} characters`);

export const userSchema = z.strictObject({
  id: z.string(),
  username: z.string(),
  role: z.string(),
  enabled: z.boolean(),
  created_at: z.string().describe('ISO 8601'),
  locked_until: z.string().nullable().describe('ISO 8601; after wrong passwords'),
});

export function userView(user: User): z.infer<typeof userSchema> {
  return {
    id: user.id,
    username: user.username,
    role: user.role,
    enabled: user.isEnabled,
    created_at: new Date(user.createdAtMs).toISOString(),
    locked_until: isoOf(user.lockedUntilMs),
  };
}
