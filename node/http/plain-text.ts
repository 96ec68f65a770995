import { z } from 'zod';

/** Control and format characters (also those that turn the direction of text), line separators, halves of characters. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Text that people write and others are shown: no character in it hides, moves or breaks what stands around it. */
export function plainText(lengthMax: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(lengthMax)
    .refine((text) => !invisible.test(text), 'must have no control or invisible characters')
    .refine((text) => text.trim() === text, 'must not begin or end with a space');
}

/** Names of roles: parts of paths, and words on a command line. */
export const roleNameText = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must begin with a letter or digit and hold only letters, digits, . _ -');

/** Ids as the node makes them; longer or stranger ones exist nowhere. */
export const idText = plainText(128);
