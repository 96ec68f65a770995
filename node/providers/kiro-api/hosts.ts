import { ApiAddress } from '../api-address.ts';
import { regionForm, regionOfArn } from '../codewhisperer-lists.ts';
import type { AccountNotes } from '../contract.ts';
import type { KiroCredential } from './credential.ts';
import type { KiroIdentity } from './identity.ts';

/** The old hosts of Amazon Q, and Kiro's own, which think natively and have a host of their own for everything but chats. */
export type HostForm = 'q' | 'runtime';

const noteName = 'host';
const defaultRegion = 'us-east-1';

/** Which hosts an account is asked at. */
export class KiroHosts {
  readonly #identity: KiroIdentity;
  readonly #setting: KiroCredential['host'];
  readonly #base: ApiAddress | undefined;
  readonly #notes: AccountNotes;

  constructor({ host, base_url }: KiroCredential, identity: KiroIdentity, notes: AccountNotes) {
    this.#identity = identity;
    this.#setting = host;
    this.#base = base_url === undefined ? undefined : new ApiAddress(base_url);
    this.#notes = notes;
  }

  /** The form that is asked first: as set, the one that worked last, or that of the kind of login. */
  get form(): HostForm {
    if (this.#setting !== 'auto') return this.#setting;
    if (this.#base !== undefined) return 'q';
    const noted = this.#notes.get(noteName);
    if (noted === 'q' || noted === 'runtime') return noted;
    return this.#identity.kind === 'social' ? 'runtime' : 'q';
  }

  /** The form to turn to when this one is refused; undefined where there is no choice. */
  otherThan(form: HostForm): HostForm | undefined {
    if (this.#setting !== 'auto' || this.#base !== undefined) return undefined;
    return form === 'q' ? 'runtime' : 'q';
  }

  /** The account has been served by this form. */
  isProven(form: HostForm): boolean {
    return this.#notes.get(noteName) === form;
  }

  prove(form: HostForm): void {
    if (this.otherThan(form) !== undefined) this.#notes.set(noteName, form);
  }

  chat(form: HostForm, profileArn: string | undefined): ApiAddress {
    return this.#at(form === 'q' ? this.#q(profileArn) : `runtime.${this.#region(profileArn)}.kiro.dev`);
  }

  /** For models, profiles and usage. */
  side(form: HostForm, profileArn: string | undefined): ApiAddress {
    return this.#at(form === 'q' ? this.#q(profileArn) : `management.${this.#region(profileArn)}.kiro.dev`);
  }

  #at(hostname: string): ApiAddress {
    return this.#base ?? new ApiAddress(`https://${hostname}`);
  }

  #q(profileArn: string | undefined): string {
    return `q.${this.#region(profileArn)}.amazonaws.com`;
  }

  /** As set, else that of the profile, else the one that serves the login's. */
  #region(profileArn: string | undefined): string {
    const { apiRegion, authRegion } = this.#identity;
    return apiRegion ?? regionOfArn(profileArn) ?? servingRegion(authRegion);
  }
}

/** The API is in two regions alone. */
function servingRegion(authRegion: string | undefined): string {
  if (authRegion === undefined || !regionForm.test(authRegion)) return defaultRegion;
  return authRegion.startsWith('eu-') ? 'eu-central-1' : defaultRegion;
}
