import type { Clock } from '../../../kit/clock.ts';
import type { Fault } from '../../../kit/fault.ts';
import type { Random } from '../../../kit/random.ts';
import type { CodewhispererTraits } from '../../protocols/codewhisperer/contract.ts';
import { complaintOf } from '../../protocols/codewhisperer/read-fault.ts';
import { flatHeaders, transparentHeaders } from '../account-headers.ts';
import type { ApiAddress } from '../api-address.ts';
import type { CodewhispererWire, PlacedRequest } from '../codewhisperer-upstream.ts';
import type { AccountNotes, TokenSource, TransparentRequest, UpstreamRequest } from '../contract.ts';
import { uuid } from '../uuid.ts';
import type { KiroCredential } from './credential.ts';
import { accountHeaders, chatHeaders, sideHeaders } from './headers.ts';
import { type HostForm, KiroHosts } from './hosts.ts';
import type { KiroIdentity } from './identity.ts';
import { machineId } from './machine-id.ts';

/** What other proxies keep below, bytes; the service's own limit is a little above. */
const toolDescriptionBytesMax = 9_216;

/** A token that is refused this soon after it came is not at fault: the host is. */
const freshMs = 60_000;

/** Gateways in front of a host that is going or gone. */
const gatewayStatuses: ReadonlySet<number | undefined> = new Set([502, 503, 504]);

export interface KiroWireParts {
  readonly credential: KiroCredential;
  readonly identity: KiroIdentity;
  readonly token: TokenSource | undefined;
  readonly notes: AccountNotes;
  readonly clock: Clock;
  readonly random: Random;
}

/** Kiro's way of asking: paths, at the hosts of Amazon Q or at its own. */
export class KiroWire implements CodewhispererWire {
  readonly #parts: KiroWireParts;
  readonly #hosts: KiroHosts;
  readonly #own: ReadonlyMap<string, string>;
  /** The token as it was sent last, and the monotonic ms since which it is that one. */
  #sent: { token: string; sinceMs: number } | undefined;
  /** The token that was last served, by form. */
  readonly #served = new Map<HostForm, string>();

  constructor(parts: KiroWireParts) {
    const { credential, identity, notes } = parts;
    this.#parts = parts;
    this.#hosts = new KiroHosts(credential, identity, notes);
    this.#own = accountHeaders(credential, identity.kind, machineId(identity, notes));
  }

  get origin(): string {
    return this.#hosts.chat(this.#hosts.form, this.#parts.identity.profileArn).origin;
  }

  traits(profileArn: string | undefined): CodewhispererTraits {
    const { credential, random } = this.#parts;
    return {
      origin: credential.origin ?? 'AI_EDITOR',
      ...(profileArn === undefined ? {} : { profileArn }),
      agentTaskType: 'vibe',
      thinking: thinkingAt(this.#hosts.form),
      conversationId: uuid(random),
      agentContinuationId: uuid(random),
      toolDescriptionBytesMax,
    };
  }

  chat(body: string, traits: CodewhispererTraits): PlacedRequest {
    const address = this.#hosts.chat(formOf(traits), traits.profileArn);
    const headers = chatHeaders(this.#own);
    return { method: 'POST', ...placed(address, '/generateAssistantResponse'), headers, body };
  }

  listModels(profileArn: string | undefined, page: string | undefined): PlacedRequest {
    const path = this.#hosts.form === 'q' ? '/ListAvailableModels' : '/List-Available-Models';
    return this.#get(path, profileArn, page === undefined ? {} : { nextToken: page });
  }

  usage(profileArn: string | undefined): PlacedRequest {
    return this.#hosts.form === 'q'
      ? this.#get('/getUsageLimits', profileArn, { resourceType: 'AGENTIC_REQUEST' })
      : this.#get('/Get-Usage-Limits', profileArn, { resourceType: 'CREDIT', isEmailRequired: 'false' });
  }

  listProfiles(): PlacedRequest {
    const { form } = this.#hosts;
    const address = this.#hosts.side(form, undefined);
    const isOld = form === 'q';
    const headers = sideHeaders(
      this.#own,
      isOld
        ? [
            ['content-type', 'application/x-amz-json-1.0'],
            ['x-amz-target', 'AmazonCodeWhispererService.ListAvailableProfiles'],
          ]
        : [['content-type', 'application/json']],
    );
    return { method: 'POST', ...placed(address, isOld ? '/' : '/List-Available-Profiles'), headers, body: '{}' };
  }

  transparent({ method, path, headers, body }: TransparentRequest): PlacedRequest {
    const address = this.#hosts.chat(this.#hosts.form, this.#parts.identity.profileArn);
    const passed = [...transparentHeaders(headers, this.#own), ...flatHeaders([...this.#own])];
    return { method, ...placed(address, path), headers: passed, body };
  }

  bearer(): string | undefined {
    const { identity, token, clock } = this.#parts;
    const bearer = identity.apiKey?.reveal() ?? token?.current();
    if (bearer !== undefined && bearer !== this.#sent?.token) {
      this.#sent = { token: bearer, sinceMs: clock.monotonicMs() };
    }
    return bearer;
  }

  elsewhere(_request: UpstreamRequest, fault: Fault, traits: CodewhispererTraits): CodewhispererTraits | undefined {
    const form = formOf(traits);
    const other = this.#hosts.otherThan(form);
    if (other === undefined || !this.#isHostAtFault(fault, form)) return undefined;
    return { ...traits, thinking: thinkingAt(other) };
  }

  /** Out of reach, or refusing a token that it has not taken before and that has just come, or never served at all. */
  #isHostAtFault(fault: Fault, form: HostForm): boolean {
    if (fault.code === 'upstream_unreachable') return true;
    const complaint = complaintOf(fault);
    // With an exception's name it is the service that answers, which is behind the other host as well.
    if (complaint?.code === undefined && gatewayStatuses.has(complaint?.status)) return true;
    if (complaint?.kind !== 'token-refused' || complaint.status !== 403 || this.#sent === undefined) return false;
    if (this.#served.get(form) === this.#sent.token) return false;
    const isFresh = this.#parts.clock.monotonicMs() - this.#sent.sinceMs < freshMs;
    return isFresh || !this.#hosts.isProven(form);
  }

  answered(traits: CodewhispererTraits): void {
    const form = formOf(traits);
    if (this.#sent !== undefined) this.#served.set(form, this.#sent.token);
    this.#hosts.prove(form);
  }

  #get(path: string, profileArn: string | undefined, more: Readonly<Record<string, string>>): PlacedRequest {
    const { form } = this.#hosts;
    // Kiro's own hosts know the command line's calls alone.
    const origin = this.#parts.credential.origin ?? (form === 'q' ? 'AI_EDITOR' : 'KIRO_CLI');
    const query = new URLSearchParams({ origin, ...more });
    if (profileArn !== undefined) query.set('profileArn', profileArn);
    const address = this.#hosts.side(form, profileArn);
    return {
      method: 'GET',
      ...placed(address, `${path}?${query.toString()}`),
      headers: sideHeaders(this.#own),
      body: undefined,
    };
  }
}

function placed(address: ApiAddress, path: string): { origin: string; path: string } {
  return { origin: address.origin, path: address.to(path) };
}

function thinkingAt(form: HostForm): CodewhispererTraits['thinking'] {
  return form === 'runtime' ? 'native' : 'system-tags';
}

function formOf({ thinking }: CodewhispererTraits): HostForm {
  return thinking === 'native' ? 'runtime' : 'q';
}
