import { isIP } from 'node:net';
import { OpenaiBaseUrl } from '../openai-base-url.ts';
import { providerFaults } from '../faults.ts';

/** Model Studio in Beijing; keys of other regions need `base_url`. */
export const keyBaseUrl = 'https://dashscope.aliyuncs.com/compatible-mode/v1';

/** Where a login without a resource is served. */
export const loginBaseUrl = 'https://portal.qwen.ai/v1';

/**
 * The base that a login's `resource_url` means: a host without scheme as a rule (`portal.qwen.ai`), with `/v1` behind it.
 * It came from a file or an answer and is about to receive the bearer token, hence https to a name, and nothing else.
 */
export function endpointOf(resourceUrl: string): OpenaiBaseUrl {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(resourceUrl) ? resourceUrl : `https://${resourceUrl}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isFit(url)) {
    throw providerFaults.credential_unusable('resource_url: must name a host that is reached by https', {
      field: 'resource_url',
    });
  }
  const path = url.pathname.replace(/\/+$/, '');
  return new OpenaiBaseUrl(`${url.origin}${path.endsWith('/v1') ? path : `${path}/v1`}`);
}

function isFit({ protocol, username, password, hostname, search }: URL): boolean {
  const isAddress = isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0 || /(?:^|\.)localhost\.?$/.test(hostname);
  return protocol === 'https:' && username === '' && password === '' && search === '' && !isAddress;
}
