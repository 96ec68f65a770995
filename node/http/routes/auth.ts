import { z } from 'zod';
import { isFault } from '../../../kit/fault.ts';
import { permissions, type Principal, type SessionTokens } from '../../auth/contract.ts';
import { defaultKeyRole } from '../../auth/directory.ts';
import { authFaults } from '../../auth/faults.ts';
import { credentialLengthMax } from '../../auth/find-credential.ts';
import type { ManagementDependencies } from '../dependencies.ts';
import { defineRoute, type Route, type RouteContext } from '../define-route.ts';
import { isoOf } from '../moment.ts';
import { passwordText, usernameText } from './user-shapes.ts';

const tag = 'auth';

const tokensSchema = z.strictObject({
  access_token: z.string(),
  refresh_token: z.string().describe('good once; using it again ends the session'),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().describe('seconds that the access token is good for'),
});

const refreshBody = z.strictObject({ refresh_token: z.string().min(1).max(credentialLengthMax) });

const meSchema = z.strictObject({
  id: z.string().describe('name of the caller in logs'),
  user: z.string().nullable().describe("the user's id"),
  username: z.string().nullable(),
  key: z.string().nullable().describe("the key's id; null for a token of a user who logged in"),
  role: z.string().nullable().describe("the key's; for a token the user's"),
  permissions: z.array(z.enum(permissions)),
  expires_at: z.string().nullable().describe('ISO 8601; end of the credential'),
});

type AuthDependencies = Pick<ManagementDependencies, 'sessions' | 'users' | 'keys'>;

/** Logging in, and who one is. */
export function authRoutes(dependencies: AuthDependencies): Route[] {
  return [login(dependencies), refresh(dependencies), logout(dependencies), me(dependencies)];
}

function login({ sessions }: AuthDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/auth/login',
    permission: 'none',
    tag,
    summary: 'Gives a user who knows the password an access and a refresh token',
    body: z.strictObject({ username: usernameText, password: passwordText }),
    response: tokensSchema,
    handler: async ({ body, address }) => viewOf(await sessions.login(body.username, body.password, address)),
  });
}

function refresh({ sessions }: AuthDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/auth/refresh',
    permission: 'none',
    tag,
    summary: 'Gives new tokens for a refresh token, which is good once',
    body: refreshBody,
    response: tokensSchema,
    handler: async ({ body }) => viewOf(await sessions.refresh(body.refresh_token)),
  });
}

function logout({ sessions }: AuthDependencies): Route {
  return defineRoute({
    method: 'POST',
    path: '/auth/logout',
    permission: 'none',
    tag,
    summary: 'Ends the session of a refresh token, if there is one',
    status: 204,
    body: refreshBody,
    handler: async ({ body }) => sessions.logout(body.refresh_token),
  });
}

function me({ users, keys }: AuthDependencies): Route {
  return defineRoute({
    method: 'GET',
    path: '/auth/me',
    permission: 'any',
    tag,
    summary: 'Who the caller is and what he may do',
    response: meSchema,
    handler(context) {
      const caller = callerOf(context);
      const { id, user: userId, key: keyId, expiresAtMs } = caller;
      const user = userId === undefined ? undefined : foundOrNone(() => users.get(userId));
      // The node's own key is no entry among the keys.
      const key = keyId === undefined ? undefined : foundOrNone(() => keys.get(keyId));
      return {
        id,
        user: userId ?? null,
        username: user?.username ?? null,
        key: keyId ?? null,
        role: (key === undefined ? user?.role : (key.role ?? defaultKeyRole)) ?? null,
        permissions: permissions.filter((permission) => caller.permissions.has(permission)),
        expires_at: isoOf(expiresAtMs),
      };
    },
  });
}

/** The caller of a route that needs one. */
export function callerOf({ caller }: Pick<RouteContext, 'caller'>): Principal {
  if (caller === undefined) throw authFaults.missing_credential('this call needs a key');
  return caller;
}

function foundOrNone<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (isFault(error) && error.status === 404) return undefined;
    throw error;
  }
}

function viewOf({ accessToken, refreshToken, expiresInMs }: SessionTokens): z.infer<typeof tokensSchema> {
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: 'Bearer',
    expires_in: Math.floor(expiresInMs / 1000),
  };
}
