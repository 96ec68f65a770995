import type { JsonObject } from '../../../kit/json.ts';
import type { LoginChoice, LoginDesk, LoginOutcome } from '../contract.ts';
import { requiredText } from '../device-flow.ts';

/** As the service spells them. */
export type SocialProvider = 'Google' | 'Github';

const defaultRegion = 'us-east-1';
/** Where the answer names none; 3600 s as a rule. */
const lifetimeSeconds = 3_600;

/** Kiro's own login service. */
export function socialOrigin({ authUrl, region = defaultRegion }: LoginChoice): string {
  return authUrl ?? `https://prod.${region}.auth.desktop.kiro.dev`;
}

/** What to keep of the tokens that a social login gave. Throws `login_failed` where one is missing. */
export function socialOutcome(
  provider: SocialProvider,
  tokens: JsonObject,
  choice: LoginChoice,
  desk: LoginDesk,
): LoginOutcome {
  const { profileArn, expiresIn } = tokens;
  const isTimed = typeof expiresIn === 'number' && expiresIn > 0 && expiresIn < 1e9;
  const expiresAtMs = desk.clock.nowMs() + (isTimed ? expiresIn : lifetimeSeconds) * 1_000;
  return {
    credentials: {
      authMethod: 'social',
      provider,
      accessToken: requiredText(tokens, 'accessToken'),
      refreshToken: requiredText(tokens, 'refreshToken'),
      expiresAt: new Date(expiresAtMs).toISOString(),
      ...(typeof profileArn === 'string' && profileArn !== '' ? { profileArn } : {}),
      ...(choice.region === undefined ? {} : { authRegion: choice.region }),
      ...(choice.authUrl === undefined ? {} : { tokenUrl: `${choice.authUrl}/refreshToken` }),
    },
    summary: `logged in to Kiro with ${provider === 'Github' ? 'GitHub' : provider}`,
  };
}
