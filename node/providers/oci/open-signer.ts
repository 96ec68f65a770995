import type { CredentialFiles } from '../contract.ts';
import type { OciCredential } from './credential.ts';
import { ociFaults } from './faults.ts';
import { RequestSigner } from './request-signer.ts';
import { checkFingerprint, readSigningKey } from './signing-key.ts';

/** A session token is a JWT of a few kilobytes; it travels in a header. */
const tokenForm = /^[\x21-\x7e]{1,16000}$/;

/**
 * The signer of an account: its key read, opened and compared with the fingerprint once, when the account is loaded.
 * Throws a config Fault that names the field.
 */
export function openSigner(account: OciCredential, files: CredentialFiles): RequestSigner {
  const key = keyOf(account, files);
  checkFingerprint(key, account.fingerprint);
  return new RequestSigner(keyIdOf(account, files), key);
}

function keyOf({ key_file, key_content, pass_phrase }: OciCredential, files: CredentialFiles) {
  if (key_content !== undefined) return readSigningKey(key_content.reveal(), { field: 'key_content' }, pass_phrase);
  const path = absolute(key_file ?? '', files.home);
  return readSigningKey(files.read('key_file', path), { field: 'key_file', path }, pass_phrase);
}

function keyIdOf({ user, tenancy, fingerprint, security_token_file }: OciCredential, files: CredentialFiles): string {
  if (security_token_file === undefined) return `${tenancy}/${user ?? ''}/${fingerprint.trim().toLowerCase()}`;
  const path = absolute(security_token_file, files.home);
  const token = files.read('security_token_file', path).trim();
  if (tokenForm.test(token)) return `ST$${token}`;
  throw ociFaults.oci_key_unusable(`security_token_file ${path} holds no token`, { field: 'security_token_file' });
}

/** The configuration makes its paths absolute; an account that came by the API may still name the home folder. */
function absolute(path: string, home: string): string {
  return path.startsWith('~/') ? home + path.slice(1) : path;
}
