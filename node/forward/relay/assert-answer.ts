import { protocolFaults } from '../../protocols/faults.ts';
import type { Upstream } from '../../providers/contract.ts';
import type { WireHeaders } from '../../wire/contract.ts';
import { JsonScanner } from '../../wire/json-scan.ts';
import { jsonKind } from '../../wire/json-tokens.ts';

/** Throws `upstream_bad_answer` when the headers of a 200 show that it is no answer of a model. */
export function assertNotMarkup(headers: WireHeaders): void {
  const type = headers['content-type'];
  if (typeof type === 'string' && type.startsWith('text/html')) {
    throw protocolFaults.upstream_bad_answer('the upstream answered 200 with an HTML page');
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw protocolFaults.upstream_bad_answer('the upstream answered in a content-encoding that was not asked for');
  }
}

export function isJsonAnswer(headers: WireHeaders): boolean {
  const type = headers['content-type'];
  return typeof type === 'string' && type.startsWith('application/json');
}

const scanner = new JsonScanner(['error']);

/**
 * Proves that a 200 answer is a JSON object and not an error in disguise (some upstreams answer `{"error":…}` with
 * 200). Throws `upstream_bad_answer`, or the Fault that the upstream's own error says.
 */
export function assertAnswer(body: Buffer, headers: WireHeaders, upstream: Upstream): void {
  if (!scanner.scan(body) || scanner.rootKind !== jsonKind.object) {
    throw protocolFaults.upstream_bad_answer('the upstream answered 200 with something that is not a JSON object');
  }
  // Responses of OpenAI carry `"error": null` when all is well.
  const errorKind = scanner.kind(0);
  if (errorKind === jsonKind.object || errorKind === jsonKind.string) throw upstream.readFault(502, headers, body);
}
