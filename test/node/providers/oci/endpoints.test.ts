import { describe, expect, it } from 'vitest';
import { endpointsOf } from '../../../../node/providers/oci/endpoints.ts';

describe('the hosts of a region', () => {
  it.each([
    ['us-chicago-1', 'oraclecloud.com'],
    ['uk-gov-london-1', 'oraclegovcloud.uk'],
    ['us-langley-1', 'oraclegovcloud.com'],
    ['ap-chiyoda-1', 'oraclecloud8.com'],
    ['eu-frankfurt-2', 'oraclecloud.eu'],
  ])('are those of its realm: %s', (region, domain) => {
    expect(endpointsOf({ region })).toEqual({
      inference: `https://inference.generativeai.${region}.oci.${domain}`,
      control: `https://generativeai.${region}.oci.${domain}`,
      prefix: '',
    });
  });

  it('can be those of a newer region', () => {
    const { control } = endpointsOf({ region: 'mars-north-1', realm_domain: 'oraclecloud99.com' });
    expect(control).toBe('https://generativeai.mars-north-1.oci.oraclecloud99.com');
  });

  it('can be one other host, with a path of its own', () => {
    const region = 'nowhere-1';
    expect(endpointsOf({ region, base_url: 'http://127.0.0.1:9106/' })).toEqual({
      inference: 'http://127.0.0.1:9106',
      control: 'http://127.0.0.1:9106',
      prefix: '',
    });
    expect(endpointsOf({ region, base_url: 'https://gate.example/oci/20231130' }).prefix).toBe('/oci');
  });

  it('are refused for a region that there is not, with the nearest one', () => {
    const open = () => endpointsOf({ region: 'us-phenix-1' });
    expect(open).toThrow(expect.objectContaining({ code: 'oci_region_unknown', source: 'config', field: 'region' }));
    expect(open).toThrow(
      'region: us-phenix-1 is not known; did you mean us-phoenix-1? (a newer one needs realm_domain',
    );
    expect(() => endpointsOf({ region: 'zz-qqqqqqqqqqqqqqq-9' })).toThrow(/is not known \(a newer one/);
  });
});
