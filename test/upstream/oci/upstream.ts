import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { start, type Upstream, type UpstreamOptions, upstreamKey } from '../upstream.ts';
import { fingerprintOf, signatureParameters } from './check-signature.ts';
import { ociModels } from './list-models.ts';
import { ociApi } from './oci.ts';

export interface OciUpstreamOptions extends Pick<UpstreamOptions, 'port' | 'models' | 'acceptsKey' | 'keepAliveMs'> {
  /** How far the service's clock is ahead of this machine's. */
  clockSkewMs?: number;
}

/** The scripted upstream as Oracle's service. */
export interface OciUpstream extends Upstream {
  /** May be changed while it runs. */
  clockSkewMs: number;
}

const tenancy = 'ocid1.tenancy.oc1..aaaascripted';
const userForm = /^ocid1\.user\.oc1\.\.([0-9a-f]*)$/;

/** The one API key that every user of the service has: making one takes a while. */
let keys: { pem: string; publicKey: KeyObject; fingerprint: string } | undefined;

function apiKey() {
  if (keys !== undefined) return keys;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = createPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  keys = { pem, publicKey, fingerprint: fingerprintOf(publicKey) };
  return keys;
}

/**
 * An account's own fields for this upstream. `key` is what scripts and records call the account: it stands in the
 * user's OCID, and may carry a script after a colon as the other vendors' keys do.
 */
export function ociAccount(upstream: Pick<Upstream, 'url'>, key: string = upstreamKey): Record<string, unknown> {
  const { pem, fingerprint } = apiKey();
  return {
    user: `ocid1.user.oc1..${Buffer.from(key).toString('hex')}`,
    fingerprint,
    key_content: pem,
    tenancy,
    region: 'us-chicago-1',
    compartment: 'ocid1.compartment.oc1..aaaascripted',
    base_url: upstream.url,
  };
}

/** Starts it on the loopback address; inference and control plane are one origin. */
export async function startOci(options: OciUpstreamOptions = {}): Promise<OciUpstream> {
  const { clockSkewMs = 0, ...rest } = options;
  const clock = { clockSkewMs };
  const { publicKey } = apiKey();
  const api = ociApi(() => ({ publicKey, nowMs: Date.now() + clock.clockSkewMs }));
  const upstream = await start({ models: ociModels, ...rest, api, credentialOf: userOf });
  return Object.defineProperty(upstream as OciUpstream, 'clockSkewMs', {
    get: () => clock.clockSkewMs,
    set(value: number) {
      clock.clockSkewMs = value;
    },
  });
}

/** The key that `ociAccount` has put into the OCID of the user. */
function userOf(request: IncomingMessage): string | undefined {
  const [, user = ''] = (signatureParameters(request)?.get('keyId') ?? '').split('/');
  const hex = userForm.exec(user)?.[1];
  return hex === undefined ? undefined : Buffer.from(hex, 'hex').toString();
}
