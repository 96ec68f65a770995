/** Fields that the credentials of several providers share. */
import { z } from 'zod';

/** What frames a message is not to be set by hand. */
const framing = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'content-type', 'te', 'upgrade']);

/** Names and values as RFC 9110 allows them. */
const headerName = z
  .string('a header name')
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'a header name')
  .refine((name) => !framing.has(name.toLowerCase()), 'a header that does not frame the message');
const headerValue = z.string('text').regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'text in one line');

/** Headers that an account adds to all its requests. */
export function headersField() {
  return z
    .record(headerName, headerValue)
    .default({})
    .describe('Headers added to every request; they replace those of the same name.');
}

/** An upstream's own names for models; `example` is what the documentation shows. */
export function modelMapField(example: string) {
  return z
    .record(z.string(), z.string('text').min(1, 'text'))
    .default({})
    .describe(`Names at this upstream for models asked for by other names, such as ${example}.`);
}

/** A login (its file or its refresh token) or a key: one of the three must be there. */
export function needsLoginOrKey(
  credential: { creds_file?: unknown; refresh_token?: unknown; api_key?: unknown },
  context: z.core.$RefinementCtx,
): void {
  if (credential.creds_file ?? credential.refresh_token ?? credential.api_key) return;
  context.addIssue({ code: 'custom', path: ['creds_file'], message: 'creds_file, refresh_token or api_key' });
}
