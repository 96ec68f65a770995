import type { JsonObject } from '../../../kit/json.ts';
import type { Random } from '../../../kit/random.ts';
import type { CodewhispererTraits } from '../../protocols/codewhisperer/contract.ts';
import { flatHeaders, transparentHeaders } from '../account-headers.ts';
import { ApiAddress } from '../api-address.ts';
import { regionOfArn } from '../codewhisperer-lists.ts';
import type { CodewhispererWire, PlacedRequest } from '../codewhisperer-upstream.ts';
import type { TokenSource, TransparentRequest } from '../contract.ts';
import { uuid } from '../uuid.ts';
import type { AmazonqCredential } from './credential.ts';
import { accountHeaders, operatingSystem, operationHeaders } from './headers.ts';

const defaultRegion = 'us-east-1';
const chatTarget = 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse';
const sideTarget = (operation: string) => `AmazonCodeWhispererService.${operation}`;

/** Where the command line cuts descriptions, bytes; the service's own limit is a little above. */
const toolDescriptionBytesMax = 10_004;

/** Amazon Q's way of asking: every operation is a POST to the root, named by a header. */
export class AmazonqWire implements CodewhispererWire {
  readonly #credential: AmazonqCredential;
  readonly #token: TokenSource | undefined;
  readonly #random: Random;
  readonly #own: ReadonlyMap<string, string>;
  readonly #base: ApiAddress | undefined;

  constructor(credential: AmazonqCredential, { token, random }: { token?: TokenSource; random: Random }) {
    this.#credential = credential;
    this.#token = token;
    this.#random = random;
    this.#own = accountHeaders(credential);
    this.#base = credential.base_url === undefined ? undefined : new ApiAddress(credential.base_url);
  }

  get origin(): string {
    return this.#address(this.#credential.profile_arn).origin;
  }

  traits(profileArn: string | undefined): CodewhispererTraits {
    return {
      origin: this.#credential.origin,
      ...(profileArn === undefined ? {} : { profileArn }),
      envState: { operatingSystem, currentWorkingDirectory: '/' },
      thinking: 'text-tags',
      // With one that was used before, answers were repeated.
      conversationId: uuid(this.#random),
      toolDescriptionBytesMax,
    };
  }

  chat(body: string, { profileArn }: CodewhispererTraits): PlacedRequest {
    return this.#post(chatTarget, body, profileArn);
  }

  listModels(profileArn: string | undefined, page: string | undefined): PlacedRequest {
    const given = page === undefined ? {} : { nextToken: page };
    return this.#side('ListAvailableModels', { origin: this.#credential.origin, ...given }, profileArn);
  }

  usage(profileArn: string | undefined): PlacedRequest {
    const body = { origin: this.#credential.origin, resourceType: 'AGENTIC_REQUEST' };
    return this.#side('GetUsageLimits', body, profileArn);
  }

  listProfiles(): PlacedRequest {
    return this.#side('ListAvailableProfiles', { maxResults: 10 }, undefined);
  }

  transparent({ method, path, headers, body }: TransparentRequest): PlacedRequest {
    const address = this.#address(this.#credential.profile_arn);
    const passed = [...transparentHeaders(headers, this.#own), ...flatHeaders([...this.#own])];
    return { method, origin: address.origin, path: address.to(path), headers: passed, body };
  }

  bearer(): string | undefined {
    return this.#token?.current();
  }

  #side(operation: string, body: JsonObject, profileArn: string | undefined): PlacedRequest {
    const given = profileArn === undefined ? body : { ...body, profileArn };
    return this.#post(sideTarget(operation), JSON.stringify(given), profileArn);
  }

  #post(target: string, body: string, profileArn: string | undefined): PlacedRequest {
    const address = this.#address(profileArn);
    const headers = operationHeaders(this.#own, target);
    return { method: 'POST', origin: address.origin, path: address.to('/'), headers, body };
  }

  /** The API is that of the profile's region. */
  #address(profileArn: string | undefined): ApiAddress {
    const region = regionOfArn(profileArn) ?? defaultRegion;
    return this.#base ?? new ApiAddress(`https://q.${region}.amazonaws.com`);
  }
}
