import type { Environment } from './origin.ts';

/** `${NAME}`, `$${` for a plain `${`, or an opening that is never closed. */
const reference = /\$\$\{|\$\{([^}]*)\}|\$\{/g;
const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface Interpolated {
  text: string;
  /** Variables that were used. */
  names: string[];
  /** Why the text cannot be used: an unknown variable or a name that is none. */
  error?: string;
}

/**
 * Replaces `${NAME}` by environment variables. The result is a value, never read again: a variable cannot add keys, or
 * refer to another variable.
 */
export function interpolate(text: string, environment: Environment): Interpolated {
  const names: string[] = [];
  let error: string | undefined;
  const replaced = text.replace(reference, (whole, name: string | undefined) => {
    if (whole === '$${') return '${';
    if (name === undefined || !nameForm.test(name)) {
      error ??= `\${…} must hold the name of an environment variable (write $\${ for a plain \${)`;
      return '';
    }
    names.push(name);
    const value = environment[name];
    if (value === undefined) error ??= `environment variable ${name} is not set`;
    return value ?? '';
  });
  return error === undefined ? { text: replaced, names } : { text: replaced, names, error };
}
