import type { Json, JsonObject } from '../../../kit/json.ts';
import { Refusal } from '../refusal.ts';
import { googleError, refuse } from './errors.ts';
import { objectOf } from './shape.ts';
import type { GeminiState } from './state.ts';

const metadataMembers = ['ideType', 'ideVersion', 'pluginVersion', 'platform', 'updateChannel', 'duetProject', 'pluginType', 'ideName']; // prettier-ignore

/** Who the caller says it is, and which project; a project that is a number is refused. */
function checkCaller(body: JsonObject): string | undefined {
  const metadata = objectOf(body.metadata, 'metadata', metadataMembers);
  if (metadata.pluginType !== 'GEMINI') refuse('metadata.plugin_type: unknown client');
  const project = body.cloudaicompanionProject;
  if (metadata.duetProject !== project) refuse('metadata.duet_project: is another project');
  if (project === undefined) return undefined;
  if (typeof project !== 'string' || /^\d*$/.test(project)) refuse('cloudaicompanion_project: not a project id');
  return project;
}

const ineligible = (reasonCode: string, reasonMessage: string, more: JsonObject = {}): JsonObject => ({
  ineligibleTiers: [{ reasonCode, reasonMessage, tierId: 'free-tier', tierName: 'Gemini Code Assist for individuals', ...more }],
}); // prettier-ignore

export function loadCodeAssist(body: Json, { discovery }: GeminiState): JsonObject {
  checkCaller(objectOf(body, '', ['cloudaicompanionProject', 'metadata', 'mode']));
  switch (discovery.kind) {
    case 'current':
      return {
        currentTier: { id: discovery.tier ?? 'standard-tier', name: 'Gemini Code Assist' },
        ...(discovery.project === undefined ? {} : { cloudaicompanionProject: discovery.project }),
      };
    case 'onboard':
      return {
        allowedTiers: [
          { id: 'legacy-tier', name: 'Legacy', userDefinedCloudaicompanionProject: true },
          { id: discovery.tier ?? 'standard-tier', name: 'Default', isDefault: discovery.hasDefault !== false },
        ],
      };
    case 'unsupported-client':
      return ineligible('UNSUPPORTED_CLIENT', discovery.message ?? 'This client is no longer supported for Gemini Code Assist for individuals.');
    case 'validation':
      return ineligible('VALIDATION_REQUIRED', 'Verify your account to continue.', { validationUrl: discovery.url });
    case 'ineligible':
      return ineligible(discovery.reasonCode, discovery.message);
    case 'vpc-sc':
      throw new Refusal(
        googleError({
          code: 403,
          status: 'PERMISSION_DENIED',
          message: 'Request is prohibited by organization’s policy.',
          details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'SECURITY_POLICY_VIOLATED', domain: 'googleapis.com' }],
        }),
      );
  }
} // prettier-ignore

/** Begins a long-running operation; done at once when no polls are wanted. */
export function onboardUser(value: Json, state: GeminiState): JsonObject {
  const { discovery } = state;
  const body = objectOf(value, '', ['tierId', 'cloudaicompanionProject', 'metadata']);
  const project = checkCaller(body);
  state.onboardings.push(body);
  if (discovery.kind !== 'onboard') return refuse('this login needs no onboarding', 'FAILED_PRECONDITION');
  const tier = discovery.hasDefault === false ? 'legacy-tier' : (discovery.tier ?? 'standard-tier');
  if (body.tierId !== tier) refuse(`tier_id: ${String(body.tierId)} is not the default`);
  if (tier === 'free-tier' && project !== undefined) refuse('Precondition Failed', 'FAILED_PRECONDITION');
  if (tier !== 'free-tier' && project === undefined) refuse('cloudaicompanion_project: missing', 'FAILED_PRECONDITION');
  return operation(state);
}

/** How the operation stands; each look brings it one step on. */
export function operation(state: GeminiState): JsonObject {
  const { discovery } = state;
  if (discovery.kind !== 'onboard') return refuse('no such operation', 'NOT_FOUND');
  const name = 'operations/onboard-1';
  if (discovery.polls > 0) {
    discovery.polls--;
    return { name };
  }
  const project = discovery.project;
  const response: JsonObject = project === undefined ? {} : { cloudaicompanionProject: { id: project, name: project } };
  return { name, done: true, response };
}
