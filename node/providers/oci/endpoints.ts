import { distance } from 'fastest-levenshtein';
import { ociFaults } from './faults.ts';
import { domainOfRegion } from './regions.ts';

/** Where an account's requests go. */
export interface Endpoints {
  /** Origin of chat and the other calls of models. */
  readonly inference: string;
  /** Origin of the list of models and of everything else that is managed. */
  readonly control: string;
  /** What goes before every path; '' or `/prefix`, without a slash at its end. */
  readonly prefix: string;
}

export interface EndpointSettings {
  readonly region: string;
  readonly base_url?: string | undefined;
  readonly realm_domain?: string | undefined;
}

/** Version of the API that stands in every path. */
export const apiVersion = '20231130';

/** The hosts of a region, or `base_url` in place of both. Throws `oci_region_unknown`. */
export function endpointsOf({ region, base_url, realm_domain }: EndpointSettings): Endpoints {
  if (base_url !== undefined) return endpointsAt(new URL(base_url));
  const domain = realm_domain ?? domainOfRegion.get(region);
  if (domain === undefined) throw unknownRegion(region);
  const host = `generativeai.${region}.oci.${domain}`;
  return { inference: `https://inference.${host}`, control: `https://${host}`, prefix: '' };
}

function endpointsAt({ origin, pathname }: URL): Endpoints {
  const path = pathname.replace(/\/+$/, '');
  const prefix = path.endsWith(`/${apiVersion}`) ? path.slice(0, -apiVersion.length - 1) : path;
  return { inference: origin, control: origin, prefix };
}

function unknownRegion(region: string) {
  let nearest: string | undefined;
  // Farther than a third of its letters is another word.
  let least = Math.floor(region.length / 3) + 1;
  for (const known of domainOfRegion.keys()) {
    const far = distance(region, known);
    if (far < least) [nearest, least] = [known, far];
  }
  const guess = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return ociFaults.oci_region_unknown(
    `region: ${region} is not known${guess} (a newer one needs realm_domain, such as oraclecloud.com, or base_url)`,
    { field: 'region' },
  );
}
