import type { JWTPayload } from 'jose';
import type { Clock } from '../../kit/clock.ts';
import { isJsonObject, type JsonObject } from '../../kit/json.ts';
import type { SigningKeys } from './signing-keys.ts';

export type TokenKind = 'access' | 'refresh';

export interface TokenClaims {
  readonly user: string;
  readonly session: string;
  /** Of a refresh token; see `SessionRecord`. Of an access token 0 and ''. */
  readonly generation: number;
  readonly nonce: string;
  readonly expiresAtMs: number;
}

export type TokenLives = Readonly<Record<TokenKind, number>>;

const issuer = 'aiproxy';
const algorithm = 'HS256';
/** RFC 9068 has `at+jwt` for access tokens; a refresh token must never pass for one, nor the other way round. */
const types: Readonly<Record<TokenKind, string>> = { access: 'at+jwt', refresh: 'rt+jwt' };
const audiences: Readonly<Record<TokenKind, string>> = { access: 'aiproxy/api', refresh: 'aiproxy/refresh' };

/** Ours have about 400 characters. */
const tokenLengthMax = 1_024;

/** Members whose clocks differ by more do not take each other's records either. */
const clockToleranceSeconds = 10;

/** JSON Web Tokens, HS256 and nothing else. jose is loaded when the first is signed or verified. */
export class SignedTokens {
  readonly #keys: SigningKeys;
  readonly #clock: Clock;
  readonly #lives: TokenLives;

  constructor(keys: SigningKeys, clock: Clock, lives: TokenLives) {
    this.#keys = keys;
    this.#clock = clock;
    this.#lives = lives;
  }

  async sign(kind: TokenKind, claims: Omit<TokenClaims, 'expiresAtMs'>): Promise<string> {
    const { SignJWT } = await import('jose/jwt/sign');
    const key = await this.#keys.current();
    const nowSeconds = Math.floor(this.#clock.nowMs() / 1000);
    return new SignJWT(payloadOf(kind, claims))
      .setProtectedHeader({ alg: algorithm, typ: types[kind], kid: key.id })
      .setIssuer(issuer)
      .setAudience(audiences[kind])
      .setSubject(claims.user)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + Math.floor(this.#lives[kind] / 1000))
      .sign(key.secret);
  }

  /** Undefined for a token that is not good, whatever the reason. */
  async verify(kind: TokenKind, token: string): Promise<TokenClaims | undefined> {
    if (this.read(kind, token) === undefined) return undefined;
    const [{ jwtVerify }, { JOSEError }] = await Promise.all([import('jose/jwt/verify'), import('jose/errors')]);
    try {
      const { payload } = await jwtVerify(token, ({ kid = '' }) => this.#secret(kid), {
        algorithms: [algorithm],
        issuer,
        audience: audiences[kind],
        typ: types[kind],
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: clockToleranceSeconds,
        maxTokenAge: Math.floor(this.#lives[kind] / 1000),
        currentDate: new Date(this.#clock.nowMs()),
      });
      return claimsOf(kind, payload);
    } catch (error) {
      if (error instanceof JOSEError || error instanceof UnknownKey) return undefined;
      throw error;
    }
  }

  /**
   * What the token claims to be, its signature unseen: spares the cost of looking at one that cannot be good in any case.
   * Undefined for those.
   */
  read(kind: TokenKind, token: string): TokenClaims | undefined {
    if (token.length > tokenLengthMax || !token.startsWith('eyJ')) return undefined;
    const [header, payload, signature, ...more] = token.split('.');
    if (signature === undefined || signature === '' || more.length > 0) return undefined;
    const { alg, typ, kid } = decoded(header) ?? {};
    if (alg !== algorithm || typ !== types[kind] || typeof kid !== 'string') return undefined;
    if (this.#keys.get(kid) === undefined) return undefined;
    const claims = decoded(payload);
    return claims === undefined ? undefined : claimsOf(kind, claims);
  }

  #secret(kid: string) {
    const key = this.#keys.get(kid);
    if (key === undefined) throw new UnknownKey();
    return key.secret;
  }
}

class UnknownKey extends Error {}

function payloadOf(kind: TokenKind, { session, generation, nonce }: Omit<TokenClaims, 'expiresAtMs'>): JWTPayload {
  return kind === 'access' ? { sid: session } : { sid: session, gen: generation, jti: nonce };
}

function claimsOf(kind: TokenKind, payload: JWTPayload | JsonObject): TokenClaims | undefined {
  const { sub, sid, exp } = payload;
  if (!isId(sub) || !isId(sid) || typeof exp !== 'number' || !Number.isFinite(exp)) return undefined;
  const claims = { user: sub, session: sid, expiresAtMs: exp * 1000 };
  if (kind === 'access') return { ...claims, generation: 0, nonce: '' };
  const { gen, jti } = payload;
  return isId(jti) && Number.isSafeInteger(gen) ? { ...claims, generation: Number(gen), nonce: jti } : undefined;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 64;
}

function decoded(part: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    // No JSON, so no token of ours.
    return undefined;
  }
}
