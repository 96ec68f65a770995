import { isJsonObject } from '../../kit/json.ts';
import type { Conversation } from '../conversation/contract.ts';
import { protocolFaults } from '../protocols/faults.ts';
import type { AnswerContext, ProtocolId, RequestEdits, RequestFacts } from '../protocols/contract.ts';
import type { AnswerReader, Upstream } from '../providers/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import { protocolHeaders } from './protocol-headers.ts';
import type { Call } from './call.ts';
import type { ForwardOptions } from './contract.ts';
import type { ProtocolEndpoint } from './endpoint.ts';
import type { Engine } from './engine.ts';
import { bytesPerToken } from './estimate-prompt.ts';
import type { Prepared } from './prepared.ts';
import { forwardFaults } from './faults.ts';
import { prepareTransparent } from './transparent.ts';
import type { ClientSink, Relay } from './relay/contract.ts';
import { CountPass } from './relay/count-pass.ts';
import { StreamPass } from './relay/stream-pass.ts';
import { StreamTranslated } from './relay/stream-translated.ts';
import { TokenCount } from './relay/token-count.ts';
import { Unwrapped } from './relay/unwrapped.ts';
import { WholePass } from './relay/whole-pass.ts';
import { WholeTranslated } from './relay/whole-translated.ts';
import { ArrayRelay } from './relay/array-relay.ts';
import { assertNotMarkup, isJsonAnswer } from './relay/assert-answer.ts';

/** What of a call the preparation needs; the endpoint is already known to be a protocol's. */
interface Preparation {
  call: Call;
  endpoint: ProtocolEndpoint;
  facts: RequestFacts;
  /** Name to send upstream, before the provider's own map. */
  model: string;
  nowMs: number;
}

/** Makes the call ready for one account. Throws a Fault that names what the account's provider cannot carry. */
export function prepareFor(
  call: Call,
  upstream: Upstream,
  { options, deps }: Pick<Engine, 'options' | 'deps'>,
  nowMs: number,
): Prepared {
  const { endpoint, facts } = call;
  if (endpoint.kind === 'transparent') return prepareTransparent(call, endpoint, upstream, options, deps.protocols);
  if (facts === undefined) throw forwardFaults.internal('a request was prepared before it was read');
  const model = call.route?.resolved.model ?? call.requestedModel;
  return prepare({ call, endpoint, facts, model, nowMs }, upstream, options);
}

/** Same protocol: bytes through. Else, or when the upstream must not stream: through the middle form. */
function prepare(from: Preparation, upstream: Upstream, options: ForwardOptions): Prepared {
  const { call, endpoint } = from;
  const mustFold = options.forceNonStream && call.stream;
  if (upstream.speaks(endpoint.protocol, endpoint.operation) && !mustFold) return passThrough(from, upstream, options);
  if (endpoint.operation === 'count_tokens') return countTokens(from, upstream, options);
  return translate(from, upstream, options, mustFold);
}

function passThrough(from: Preparation, upstream: Upstream, options: ForwardOptions): Prepared {
  const { call, endpoint, facts } = from;
  const model = upstream.upstreamModel(from.model);
  call.modelServed = model;
  call.protocolOut = endpoint.protocol;
  const edits = editsFor(from, model, options);
  const body = edits === undefined ? call.body : call.protocol.editRequest(call.body, facts, edits);
  const request = upstream.passThrough(endpoint.protocol, endpoint.operation, {
    body,
    model,
    stream: call.stream,
    protocolHeaders: protocolHeaders(call),
  });
  if (request.dropped !== undefined) call.dropped = [...request.dropped];
  const rename = model === call.requestedModel ? undefined : { from: model, to: call.requestedModel };
  return {
    request,
    openRelay(sink, status, headers) {
      if (status !== 200) return undefined;
      assertNotMarkup(headers);
      const relay = passRelay(from, upstream, options, rename, sink, headers);
      if (upstream.openUnwrapper === undefined) return relay;
      return new Unwrapped(upstream.openUnwrapper(call.stream && !isJsonAnswer(headers)), relay);
    },
  };
}

function passRelay(
  from: Preparation,
  upstream: Upstream,
  options: ForwardOptions,
  rename: { from: string; to: string } | undefined,
  sink: ClientSink,
  headers: WireHeaders,
): Relay {
  const { call, endpoint } = from;
  if (endpoint.operation === 'count_tokens') return new CountPass(call, sink, options.heldAnswerBytesMax);
  if (!call.stream) return new WholePass(call, sink, upstream, headers, rename, options.heldAnswerBytesMax);
  // An upstream that answers a streaming request whole is turned into a stream.
  if (isJsonAnswer(headers)) return wholeTranslated(from, sink, upstream, options);
  const relay = call.protocol.openRelay({
    renameModel: rename,
    hideUsage: !call.includeUsage,
    eventSizeBytesMax: options.eventBytesMax,
  });
  const framed = endpoint.framing === 'sse' ? relay : new ArrayRelay(relay, options.eventBytesMax);
  return new StreamPass(call, sink, framed, endpoint.framing);
}

function editsFor(from: Preparation, model: string, options: ForwardOptions): RequestEdits | undefined {
  const { call, facts, endpoint } = from;
  const edits: RequestEdits = {};
  let hasEdits = false;
  if (facts.model !== '' && model !== facts.model) {
    edits.model = model;
    hasEdits = true;
  }
  if (endpoint.operation !== 'generate') return hasEdits ? edits : undefined;
  const maxTokens = options.defaultMaxTokens ?? (endpoint.protocol === 'anthropic' ? fallbackMaxTokens : undefined);
  if (!facts.hasMaxTokens && maxTokens !== undefined) {
    edits.maxTokens = maxTokens;
    hasEdits = true;
  }
  if (call.stream && endpoint.protocol === 'openai-chat' && !facts.includesUsage) {
    edits.includeUsage = true;
    hasEdits = true;
  }
  return hasEdits ? edits : undefined;
}

/** Anthropic's format demands a bound; S4's default is the one its users know. */
export const fallbackMaxTokens = 4000;

function translate(from: Preparation, upstream: Upstream, options: ForwardOptions, mustFold: boolean): Prepared {
  const { call } = from;
  const conversation = conversationFor(from, upstream, options);
  conversation.stream = call.stream && !mustFold;
  const { request, dropped, reader = upstream } = upstream.encode(conversation);
  call.dropped = dropped.length === 0 ? conversation.dropped : [...conversation.dropped, ...dropped];
  return {
    request,
    openRelay(sink, status, headers) {
      if (status !== 200) return undefined;
      assertNotMarkup(headers);
      if (!conversation.stream || isJsonAnswer(headers)) return wholeTranslated(from, sink, reader, options);
      return new StreamTranslated(call, sink, reader.openDecoder(), answerContext(from));
    },
  };
}

/** Tokens are counted by an upstream of another protocol. */
function countTokens(from: Preparation, upstream: Upstream, options: ForwardOptions): Prepared {
  if (upstream.countTokens === undefined) throw forwardFaults.internal('an account that cannot count was chosen');
  const count = upstream.countTokens(conversationFor(from, upstream, options));
  return {
    request: count.request,
    openRelay(sink, status, headers) {
      if (status !== 200) return undefined;
      assertNotMarkup(headers);
      return new TokenCount(from.call, sink, (body) => count.parse(body), options.heldAnswerBytesMax);
    },
  };
}

function conversationFor(from: Preparation, upstream: Upstream, options: ForwardOptions): Conversation {
  const conversation = (from.call.conversation ??= decode(from, options));
  const model = upstream.upstreamModel(from.model);
  conversation.model = model;
  from.call.modelServed = model;
  from.call.protocolOut = formatOf(from.call, upstream);
  return conversation;
}

/** Protocols that an upstream may speak, its own before those that it only understands. */
const spoken: readonly ProtocolId[] = ['anthropic', 'gemini', 'openai-chat', 'openai-responses'];

/** What an upstream is spoken to in: the protocol of its bytes, or a format that no client speaks, by the provider's id. */
function formatOf({ account }: Call, upstream: Upstream): string | undefined {
  return spoken.find((protocol) => upstream.speaks(protocol, 'generate')) ?? account?.provider;
}

function wholeTranslated(from: Preparation, sink: ClientSink, reader: AnswerReader, options: ForwardOptions): Relay {
  const bytesMax = reader.wholeBytesMax ?? options.heldAnswerBytesMax;
  return new WholeTranslated(from.call, sink, reader, answerContext(from), bytesMax);
}

function decode(from: Preparation, options: ForwardOptions): Conversation {
  const { call } = from;
  const conversation = decodeBody(call, from.model);
  if (conversation.maxTokens === undefined && options.defaultMaxTokens !== undefined) {
    conversation.maxTokens = options.defaultMaxTokens;
  }
  return conversation;
}

/** The client's request in the middle form. Throws a Fault that names the field at fault. */
export function decodeBody(call: Call, model: string): Conversation {
  // The scan has proved the body well-formed and bounded its depth.
  const parsed: unknown = JSON.parse(call.body.toString('utf8'));
  if (!isJsonObject(parsed)) throw protocolFaults.invalid_json('the request body must be a JSON object');
  return call.protocol.decodeRequest(parsed, { model, stream: call.stream });
}

function answerContext(from: Preparation): AnswerContext {
  const { call, endpoint } = from;
  return {
    model: call.requestedModel,
    requestId: call.id,
    framing: endpoint.framing,
    includeUsage: call.includeUsage,
    nowMs: from.nowMs,
    toolKinds: call.conversation?.toolKinds,
    estimatedInputTokens: Math.ceil(call.body.length / bytesPerToken),
  };
}
