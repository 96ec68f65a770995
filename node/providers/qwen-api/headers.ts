import { arch, platform } from 'node:process';
import { flatHeaders, ownHeaders, preparedHeaders, transparentHeaders } from '../account-headers.ts';
import type { QwenCredential } from './credential.ts';

export type QwenHeaders = ReturnType<typeof preparedHeaders> & { through(headers: readonly string[]): string[] };

/**
 * An account's headers, made once; a login's bearer token is added for each request. A login presents itself as Qwen
 * Code with four headers, without which several proxies saw 400 and 403; a key needs none of them.
 */
export function qwenHeaders({ api_key, client_version, headers }: QwenCredential): QwenHeaders {
  const agent = `QwenCode/${client_version} (${platform}; ${arch})`;
  const credential: [string, string][] =
    api_key !== undefined
      ? [['authorization', `Bearer ${api_key.reveal()}`]]
      : [
          ['user-agent', agent],
          ['x-dashscope-useragent', agent],
          ['x-dashscope-cachecontrol', 'enable'],
          ['x-dashscope-authtype', 'qwen-oauth'],
        ];
  const own = ownHeaders(credential, headers);
  const replaced = new Map([...own, ['authorization', '']]);
  return {
    ...preparedHeaders(own),
    through: (given) => [...transparentHeaders(given, replaced), ...flatHeaders([...own])],
  };
}
