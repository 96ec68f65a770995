import type { AnswerFacts } from '../../protocols/contract.ts';
import { protocolFaults } from '../../protocols/faults.ts';
import type { Upstream } from '../../providers/contract.ts';
import type { WireHeaders } from '../../wire/contract.ts';

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

/**
 * Proves that a 200 answer is a JSON object and not an error in disguise (some upstreams answer `{"error":…}` with
 * 200), by what the client's protocol or the shared scan read of it. Throws `upstream_bad_answer`, or the Fault that
 * the upstream's own error says.
 */
export function assertAnswer(
  facts: Pick<AnswerFacts, 'isObject' | 'hasError'>,
  body: Buffer,
  headers: WireHeaders,
  upstream: Upstream,
): void {
  if (!facts.isObject) {
    throw protocolFaults.upstream_bad_answer('the upstream answered 200 with something that is not a JSON object');
  }
  if (facts.hasError) throw upstream.readFault(502, headers, body);
}
