import { authFaults } from './faults.ts';
import { foldedName } from './username.ts';

/** NIST SP 800-63B asks for eight where there is a second factor; there is none here. */
export const passwordLengthMin = 10;
/** Far beyond any that people or their tools make; longer ones only cost time. */
export const passwordLengthMax = 1_024;

/** Throws `weak_password` naming the field. */
export function requireStrong(password: string, username: string): void {
  const length = [...password].length;
  if (length < passwordLengthMin || password.length > passwordLengthMax)
    throw weak(`password must have ${passwordLengthMin} to ${passwordLengthMax} characters`);
  if (!password.isWellFormed()) throw weak('password must be text');
  if (foldedName(password) === foldedName(username)) throw weak('password must not be the name of the user');
}

function weak(message: string): Error {
  return authFaults.weak_password(message, { field: 'password' });
}
