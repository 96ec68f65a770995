/** Answers of the side calls that Amazon Q and Kiro share: models, profiles, usage. */
import { isJsonObject, type JsonObject } from '../../kit/json.ts';
import { protocolFaults } from '../protocols/faults.ts';
import { claudeAliases } from './claude-names.ts';
import type { ListedModel } from './contract.ts';
import { jsonObjectAnswer } from './json-answer.ts';

/** More than any account lists. */
const modelsMax = 1_000;
const tokenLength = 2_048;

/** Every model's window where nothing else is known, tokens. */
const defaultWindow = 200_000;

/** The windows of the models that were listed, kept since answers tell of them as a share alone. */
export class ModelWindows {
  readonly #tokens = new Map<string, number>();

  /** Reads `ListAvailableModels` and notes what it says of windows. Throws `upstream_bad_answer`. */
  parse(body: Buffer): ListedModel[] {
    const { models } = jsonObjectAnswer(body);
    if (!Array.isArray(models)) throw protocolFaults.upstream_bad_answer("the upstream's list of models has no models");
    return models
      .slice(0, modelsMax)
      .filter(isJsonObject)
      .flatMap((model) => this.#take(model));
  }

  of(model: string): number {
    return this.#tokens.get(model) ?? defaultWindow;
  }

  #take({ modelId, modelName, tokenLimits }: JsonObject): ListedModel[] {
    if (typeof modelId !== 'string' || modelId === '' || modelId.length > 256) return [];
    const window = isJsonObject(tokenLimits) ? tokenLimits['maxInputTokens'] : undefined;
    if (typeof window === 'number' && window > 0 && this.#hasRoom(modelId)) this.#tokens.set(modelId, window);
    const model: ListedModel = { id: modelId };
    if (typeof modelName === 'string' && modelName !== '' && modelName !== modelId) model.displayName = modelName;
    const aliases = claudeAliases(modelId);
    if (aliases.length > 0) model.aliases = aliases;
    return [model];
  }

  #hasRoom(model: string): boolean {
    return this.#tokens.size < modelsMax || this.#tokens.has(model);
  }
}

/** Token of the next page of any of the lists; undefined after the last. Throws `upstream_bad_answer`. */
export function nextPageOf(body: Buffer): string | undefined {
  const { nextToken } = jsonObjectAnswer(body);
  return typeof nextToken === 'string' && nextToken !== '' && nextToken.length <= tokenLength ? nextToken : undefined;
}

/** The first profile of `ListAvailableProfiles`; undefined when there is none. Throws `upstream_bad_answer`. */
export function firstProfile(body: Buffer): string | undefined {
  const { profiles } = jsonObjectAnswer(body);
  const arns = Array.isArray(profiles) ? profiles.filter(isJsonObject).map(({ arn }) => arn) : [];
  return arns.find((arn): arn is string => typeof arn === 'string' && arnForm.test(arn));
}

/** `nextDateReset` of `GetUsageLimits`, Unix ms; undefined when it says none. Throws `upstream_bad_answer`. */
export function quotaReset(body: Buffer): number | undefined {
  const { nextDateReset } = jsonObjectAnswer(body);
  return typeof nextDateReset === 'number' && nextDateReset > 0 ? Math.round(nextDateReset * 1_000) : undefined;
}

/** An ARN as it may go into requests: one line, without spaces. */
export const arnForm = /^arn:[\x21-\x7e]{1,1020}$/;

/** An AWS region: it becomes part of host names. */
export const regionForm = /^[a-z]{2}(?:-[a-z]{2,12})+-\d{1,2}$/;

/** The region that an ARN names; undefined when it names none. */
export function regionOfArn(arn: string | undefined): string | undefined {
  const region = arn?.split(':', 4)[3];
  return region !== undefined && regionForm.test(region) ? region : undefined;
}
