import type { Route } from './define-route.ts';

/** `/accounts/{id}` as fastify writes it (`/accounts/:id`); `{model+}` becomes its wildcard. */
export function fastifyPath(path: string): string {
  return path.replace(/\{[a-z_]+\+\}$/, '*').replaceAll(/\{([a-z_]+)\}/g, ':$1');
}

/** `{model+}` as OpenAPI writes it, which has no sign for "slashes too". */
export function openApiPath(path: string): string {
  return path.replace('+}', '}');
}

/** Parameters under their declared names: fastify calls a wildcard `*`. */
export function namedParams(path: string, params: Readonly<Record<string, string>>): Record<string, string> {
  const { '*': rest, ...named } = params;
  const wildcard = /\{([a-z_]+)\+\}$/.exec(path)?.[1];
  return wildcard === undefined || rest === undefined ? named : { ...named, [wildcard]: rest };
}

/** Finds the methods that exist at a path, for a 405 instead of a 404. Used for failed requests only. */
export function methodsAt(
  routes: readonly Pick<Route, 'method' | 'path'>[],
): (url: string) => readonly Route['method'][] {
  const patterns = routes.map(({ method, path }) => ({ method, pattern: patternOf(path) }));
  return (url) => {
    const path = url.split('?', 1)[0] ?? '';
    return patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  };
}

function patternOf(path: string): RegExp {
  const escaped = path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
  const source = escaped.replace(/\{[a-z_]+\\\+\}$/, '.+').replaceAll(/\{[a-z_]+\}/g, '[^/]+');
  return new RegExp(`^${source}$`);
}
