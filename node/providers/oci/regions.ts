/**
 * Oracle's regions by the domain of their realm (oci-common 2.142.1: lib/region.js, lib/realm.js). That a region is
 * here does not say that it has Generative AI.
 */
const regionsOfDomain: Readonly<Record<string, readonly string[]>> = {
  'oraclecloud.com': [
    'ap-chuncheon-1', 'ap-mumbai-1', 'ap-hyderabad-1', 'ap-seoul-1', 'ap-sydney-1', 'ap-melbourne-1', 'ap-osaka-1',
    'ap-tokyo-1', 'ca-montreal-1', 'ca-toronto-1', 'eu-frankfurt-1', 'eu-zurich-1', 'sa-saopaulo-1', 'uk-cardiff-1',
    'uk-london-1', 'us-ashburn-1', 'us-phoenix-1', 'eu-amsterdam-1', 'me-jeddah-1', 'us-sanjose-1', 'me-dubai-1',
    'sa-santiago-1', 'sa-vinhedo-1', 'il-jerusalem-1', 'eu-marseille-1', 'ap-singapore-1', 'me-abudhabi-1',
    'eu-milan-1', 'eu-stockholm-1', 'af-johannesburg-1', 'eu-paris-1', 'mx-queretaro-1', 'eu-madrid-1',
    'us-chicago-1', 'mx-monterrey-1', 'us-saltlake-2', 'sa-bogota-1', 'sa-valparaiso-1', 'ap-singapore-2',
    'me-riyadh-1', 'ap-delhi-1', 'ap-batam-1', 'eu-madrid-3', 'eu-turin-1', 'ap-kulai-2', 'af-casablanca-1',
  ],
  'oraclegovcloud.com': [
    'us-langley-1', 'us-luke-1', 'us-gov-ashburn-1', 'us-gov-chicago-1', 'us-gov-phoenix-1',
  ],
  'oraclegovcloud.uk': ['uk-gov-london-1', 'uk-gov-cardiff-1'],
  'oraclecloud8.com': ['ap-chiyoda-1', 'ap-ibaraki-1'],
  'oraclecloud9.com': ['me-dcc-muscat-1', 'me-ibri-1'],
  'oraclecloud10.com': ['ap-dcc-canberra-1'],
  'oraclecloud14.com': [
    'eu-dcc-milan-1', 'eu-dcc-milan-2', 'eu-dcc-dublin-2', 'eu-dcc-rating-2', 'eu-dcc-rating-1', 'eu-dcc-dublin-1',
  ],
  'oraclecloud15.com': ['ap-dcc-gazipur-1'],
  'oraclecloud.eu': ['eu-madrid-2', 'eu-frankfurt-2'],
  'oraclecloud20.com': ['eu-jovanovac-1'],
  'oraclecloud21.com': ['me-dcc-doha-1', 'me-alrayyan-1'],
  'oraclecloud23.com': ['us-somerset-1', 'us-thames-1'],
  'oraclecloud24.com': ['eu-dcc-zurich-1', 'eu-crissier-1'],
  'oraclecloud26.com': ['me-abudhabi-3', 'me-alain-1'],
  'oraclecloud29.com': ['me-abudhabi-2', 'me-abudhabi-4'],
  'oraclecloud35.com': ['ap-seoul-2', 'ap-suwon-1', 'ap-chuncheon-2'],
  'oraclecloud42.com': ['us-ashburn-2', 'us-newark-1'],
  'oraclecloud51.com': ['eu-budapest-1'],
  'oraclecloud52.com': ['sa-riodejaneiro-1'],
}; // prettier-ignore

/** Domain of the realm that each region belongs to. */
export const domainOfRegion: ReadonlyMap<string, string> = new Map(
  Object.entries(regionsOfDomain).flatMap(([domain, regions]) => regions.map((region) => [region, domain] as const)),
);
