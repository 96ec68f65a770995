import { request as send } from 'undici';
import type { Answer, Conversation, StreamEvent } from '../../node/conversation/contract.ts';
import { isFault, type Fault } from '../../kit/fault.ts';
import type { AnswerReader, Upstream, UpstreamRequest } from '../../node/providers/contract.ts';
import type { WireHeaders } from '../../node/wire/contract.ts';
import { providerEnvironment } from './provider-environment.ts';
import { upstreamKey, type Upstream as ScriptedUpstream } from '../upstream/upstream.ts';
import type { ProviderSubject } from './provider-subject.ts';

export interface RawAnswer {
  status: number;
  headers: WireHeaders;
  chunks: Buffer[];
  /** The connection broke inside the body. */
  broke: boolean;
}

/** Drives one account of a provider against a scripted upstream over a real socket. */
export class ProviderDrive<Credential> {
  readonly upstream: Upstream;
  readonly scripted: ScriptedUpstream;

  constructor(subject: ProviderSubject<Credential>, scripted: ScriptedUpstream, key: string = upstreamKey) {
    this.scripted = scripted;
    const { provider } = subject;
    const credential = provider.credential.parse(subject.accountFields(scripted, key));
    const environment = providerEnvironment(subject.environment?.(scripted, key));
    this.upstream = provider.open({ id: 'suite', provider: provider.id, ...credential }, environment);
  }

  async send(request: UpstreamRequest): Promise<RawAnswer> {
    const ready = this.upstream.authorise === undefined ? request : await this.upstream.authorise(request);
    const response = await send((ready.origin ?? this.upstream.origin) + ready.path, {
      method: ready.method as 'POST',
      headers: ready.headers as string[],
      ...(ready.body === undefined ? {} : { body: ready.body }),
    });
    const chunks: Buffer[] = [];
    let broke = false;
    try {
      for await (const chunk of response.body) chunks.push(chunk as Buffer);
    } catch {
      // Reset or cut by the script: the tests ask for it by name.
      broke = true;
    }
    return { status: response.statusCode, headers: response.headers, chunks, broke };
  }

  /** Conversation to answer, not streamed. Throws the Fault of an error answer. */
  async answer(conversation: Conversation): Promise<Answer> {
    const { request, reader = this.upstream } = this.upstream.encode({ ...conversation, stream: false });
    const raw = await this.send(request);
    if (raw.status !== 200) throw this.#fault(raw);
    return reader.decodeAnswer(Buffer.concat(raw.chunks));
  }

  /** Conversation to events. Throws the Fault of an error answer. */
  async events(conversation: Conversation): Promise<StreamEvent[]> {
    const raw = await this.raw(conversation);
    return this.decode(raw.chunks, raw.broke, raw.reader);
  }

  async raw(conversation: Conversation): Promise<RawAnswer & { reader: AnswerReader }> {
    const { request, reader = this.upstream } = this.upstream.encode({ ...conversation, stream: true });
    const raw = await this.send(request);
    if (raw.status !== 200) throw this.#fault(raw);
    return { ...raw, reader };
  }

  decode(chunks: readonly Uint8Array[], broke = false, reader: AnswerReader = this.upstream): StreamEvent[] {
    const decoder = reader.openDecoder();
    const events: StreamEvent[] = [];
    for (const chunk of chunks) decoder.push(chunk, events);
    if (!broke) decoder.end(events);
    return events;
  }

  /** The Fault that this call ends in; fails when it succeeds or throws anything else. */
  async faultOf(conversation: Conversation): Promise<Fault> {
    const outcome: unknown = await this.answer(conversation).catch((error: unknown) => error);
    if (isFault(outcome)) return outcome;
    throw new Error('the call did not end in a Fault', { cause: outcome });
  }

  #fault(raw: RawAnswer): Fault {
    return this.upstream.readFault(raw.status, raw.headers, Buffer.concat(raw.chunks));
  }
}
