import { randomBytes } from 'node:crypto';

/** A refresh token that was presented again after it had been spent: two hands on one token, or a lost answer. */
export interface ReuseIncident {
  readonly family: string;
  /** Which token of the family it was, counted from 0. */
  readonly generation: number;
  readonly atMs: number;
}

interface Family {
  readonly name: string;
  generation: number;
  isRevoked: boolean;
}

interface RefreshToken {
  readonly family: Family;
  readonly generation: number;
  isSpent: boolean;
}

export interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Tokens as an issuer with rotation and reuse detection keeps them (RFC 9700 section 4.14.2). */
export class OauthFamilies {
  readonly reuses: ReuseIncident[] = [];
  readonly #refreshTokens = new Map<string, RefreshToken>();
  readonly #accessTokens = new Map<string, { family: Family; endsAtMs: number }>();

  /** A new login; gives its first refresh token. */
  open(name: string): string {
    return this.#issueRefresh({ name, generation: -1, isRevoked: false });
  }

  familyOf(refreshToken: string): string | undefined {
    return this.#refreshTokens.get(refreshToken)?.family.name;
  }

  /** Spends the token for a new pair; undefined is `invalid_grant`. A spent one is a reuse and ends the whole family. */
  spend(refreshToken: string, lifetimeMs: number, rotates: boolean): Pair | undefined {
    const known = this.#refreshTokens.get(refreshToken);
    if (known === undefined) return undefined;
    const { family } = known;
    if (known.isSpent) {
      this.reuses.push({ family: family.name, generation: known.generation, atMs: Date.now() });
      family.isRevoked = true;
    }
    if (family.isRevoked) return undefined;
    known.isSpent = rotates;
    const accessToken = `at-${family.name}-${known.generation + 1}-${randomBytes(12).toString('hex')}`;
    this.#accessTokens.set(accessToken, { family, endsAtMs: Date.now() + lifetimeMs });
    return { accessToken, refreshToken: rotates ? this.#issueRefresh(family) : refreshToken };
  }

  nameOf(accessToken: string): string | undefined {
    return this.#accessTokens.get(accessToken)?.family.name;
  }

  isGood(accessToken: string): boolean {
    const known = this.#accessTokens.get(accessToken);
    return known !== undefined && !known.family.isRevoked && known.endsAtMs > Date.now();
  }

  /** The person signed out everywhere. */
  revoke(name: string): void {
    for (const { family } of this.#refreshTokens.values()) if (family.name === name) family.isRevoked = true;
  }

  /** Ends all access tokens before their time; refresh tokens stay. */
  expireAccess(): void {
    for (const known of this.#accessTokens.values()) known.endsAtMs = 0;
  }

  /** Every token ever issued, for a search through what must not hold one. */
  all(): string[] {
    return [...this.#refreshTokens.keys(), ...this.#accessTokens.keys()];
  }

  #issueRefresh(family: Family): string {
    family.generation++;
    const text = `rt-${family.name}-${family.generation}-${randomBytes(48).toString('hex')}`;
    this.#refreshTokens.set(text, { family, generation: family.generation, isSpent: false });
    return text;
  }
}
