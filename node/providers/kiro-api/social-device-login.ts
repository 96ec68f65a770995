import type { JsonObject } from '../../../kit/json.ts';
import { postJson, successOf } from '../aws-device-login.ts';
import type { LoginChoice, LoginDesk, LoginOutcome } from '../contract.ts';
import { pollDevice, requiredText } from '../device-flow.ts';
import { socialOrigin, socialOutcome, type SocialProvider } from './social-login.ts';

/** The command line's name at the service. */
const defaultClientId = 'kiro-cli';

/** Where the answer names none. */
const intervalMs = 5_000;
const intervalMsMin = 1_000;
const expiresInMs = 300_000;

/**
 * Kiro's device login for Google and GitHub. It tells durations in milliseconds, and of a code that is not confirmed yet
 * with a 200 and a `status`.
 */
export async function socialDeviceLogin(
  provider: SocialProvider,
  choice: LoginChoice,
  desk: LoginDesk,
): Promise<LoginOutcome> {
  const origin = socialOrigin(choice);
  const clientId = choice.clientId ?? defaultClientId;
  const begun = successOf(
    await postJson(desk, origin, '/oauth/device/authorization', { clientId, loginProvider: provider }),
  );
  const deviceCode = requiredText(begun, 'deviceCode');
  const completeUrl = begun['verificationUriComplete'];
  const lifeMs = durationOf(begun, 'expiresIn') ?? expiresInMs;
  desk.showCode({
    url: requiredText(begun, 'verificationUri'),
    ...(typeof completeUrl === 'string' && completeUrl !== '' ? { completeUrl } : {}),
    userCode: requiredText(begun, 'userCode'),
    expiresInMs: lifeMs,
  });
  const tokens = await pollDevice(
    {
      ask: () => postJson(desk, origin, '/oauth/device/poll', { clientId, deviceCode }),
      intervalMs: Math.max(intervalMsMin, durationOf(begun, 'interval') ?? intervalMs),
      expiresInMs: lifeMs,
      slower: (now) => now + intervalMs,
      errorOf: statusOf,
    },
    desk,
  );
  return socialOutcome(provider, tokens, choice, desk);
}

/** `expiresInMilliseconds`, or the same in seconds without the unit. */
function durationOf(body: JsonObject, name: string): number | undefined {
  const inMs = body[`${name}InMilliseconds`];
  if (typeof inMs === 'number' && inMs > 0) return inMs;
  const inSeconds = body[name];
  return typeof inSeconds === 'number' && inSeconds > 0 ? inSeconds * 1_000 : undefined;
}

/** Why the tokens are not there yet, or will not come; undefined once they are there. */
function statusOf({ status, accessToken }: JsonObject): string | undefined {
  if (typeof status !== 'string' || status === 'approved' || typeof accessToken === 'string') return undefined;
  if (status === 'pending') return 'authorization_pending';
  return status === 'expired' ? 'expired_token' : status;
}
