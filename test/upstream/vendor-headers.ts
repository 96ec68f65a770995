/** Headers that the vendors add to every answer; a proxy must not hand the cookies and organisation ids on. */
export const vendorHeaders = {
  anthropic: {
    'request-id': 'req_011CScriptedUpstream',
    'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': '3999',
    server: 'cloudflare',
    'cf-ray': '0123456789abcdef-FRA',
    'set-cookie': '__cf_bm=scripted; path=/; HttpOnly; Secure',
  },
  openai: {
    'x-request-id': 'req_scripted',
    'openai-organization': 'org-scripted',
    'openai-processing-ms': '12',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9999',
    server: 'cloudflare',
    'cf-ray': '0123456789abcdef-FRA',
    'set-cookie': '__cf_bm=scripted; path=/; HttpOnly; Secure',
  },
} as const;
