import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { anthropic } from './anthropic.ts';
import type { Api, ApiCall, Reply } from './api.ts';
import { deliverAnswer, deliverStream } from './deliver.ts';
import { garbageAnswer } from './garbage.ts';
import type { Ledger, RecordedRequest } from './ledger.ts';
import { openai } from './openai.ts';
import { parseScript } from './parse-script.ts';
import type { PlanUsage } from './plan.ts';
import { credentialOf, recordOf } from './record-request.ts';
import { Refusal } from './refusal.ts';
import type { Script } from './script.ts';
import { scriptOf, type ScriptBook } from './script-book.ts';

export interface ExchangeSettings {
  ledger: Ledger;
  book: ScriptBook;
  connections: Map<Socket, number>;
  models: readonly string[];
  acceptsKey: (key: string) => boolean;
  /** Another vendor's in place of OpenAI's and Anthropic's. */
  api?: Api | undefined;
  credentialOf?: ((request: IncomingMessage) => string | undefined) | undefined;
}

/** How often each script with `first=N` has misbehaved, process-wide. */
const misbehaved = new WeakMap<Script, number>();

/** One request and its answer. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #body: Buffer;
  readonly #settings: ExchangeSettings;
  readonly #url: URL;
  readonly #key: string | undefined;
  readonly #record: RecordedRequest;

  constructor(request: IncomingMessage, response: ServerResponse, body: Buffer, settings: ExchangeSettings) {
    this.#request = request;
    this.#response = response;
    this.#body = body;
    this.#settings = settings;
    this.#url = new URL(request.url ?? '/', 'http://upstream');
    this.#key = (settings.credentialOf ?? credentialOf)(request);
    this.#record = recordOf(request, body, this.#key, settings.connections.get(request.socket) ?? 0);
  }

  async run(): Promise<void> {
    const { totals } = this.#settings.ledger;
    totals.requests++;
    totals.byPath[this.#url.pathname] = (totals.byPath[this.#url.pathname] ?? 0) + 1;
    totals.inFlightMax = Math.max(totals.inFlightMax, ++totals.inFlight);
    this.#settings.ledger.record(this.#record);
    this.#response.once('close', () => this.#closed());
    this.#settings.ledger.changed();
    const reply = this.#reply();
    // An answer that never comes ends when the client gives up; `#closed` counts it.
    await this.#deliver(reply).catch((error: unknown) =>
      this.#response.destroy(error instanceof Error ? error : undefined),
    );
  }

  #closed(): void {
    const { ledger } = this.#settings;
    ledger.totals.inFlight--;
    if (!this.#response.writableFinished && !this.#brokenByScript) {
      this.#record.aborted = true;
      ledger.totals.aborted++;
    }
    ledger.changed();
  }

  #brokenByScript = false;

  #reply(): Reply {
    const api = this.#api();
    try {
      return api.reply(this.#call());
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.complaint !== undefined) this.#record.complaint = error.complaint;
        return { type: 'answer', answer: error.answer, script: {} };
      }
      return { type: 'answer', answer: api.failure(`scripted upstream: ${String(error)}`), script: {} };
    }
  }

  /** Paths tell the vendors apart; the models' list, which both have at the same path, goes by the headers. */
  #api(): Api {
    if (this.#settings.api !== undefined) return this.#settings.api;
    if (this.#url.pathname.startsWith('/v1/messages')) return anthropic;
    if (this.#url.pathname !== '/v1/models') return openai;
    const { headers } = this.#request;
    return headers['anthropic-version'] !== undefined || headers['x-api-key'] !== undefined ? anthropic : openai;
  }

  #call(): ApiCall {
    return {
      request: this.#request,
      path: this.#url.pathname,
      query: this.#url.searchParams,
      body: this.#body,
      key: this.#key,
      keyVerdict: this.#key === undefined ? 'missing' : this.#settings.acceptsKey(this.#key) ? 'good' : 'bad',
      scriptFor: (model) => this.#scriptFor(model),
      sideScriptFor: (path) => this.#sideScriptFor(path),
      listedModels: this.#settings.models,
    };
  }

  /** A side call uses up no rule that is not meant for it. */
  #sideScriptFor(path: string): Script {
    const ruled = this.#settings.book.takeAside({ key: this.#key, path });
    return settled(ruled ?? this.#keyScript() ?? {});
  }

  /** Rules of the test first, then the header, then the key (`sk-upstream:SCRIPT`), then the model's name. */
  #scriptFor(model: string): Script {
    const ruled = this.#settings.book.take({ key: this.#key, model, path: this.#url.pathname });
    if (ruled !== undefined) return settled(ruled);
    const header = this.#request.headers['x-upstream-script'];
    if (typeof header === 'string') return settled(scriptOf(header));
    return settled(this.#keyScript() ?? parseScript(model) ?? {});
  }

  #keyScript(): Script | undefined {
    const colon = this.#key?.indexOf(':') ?? -1;
    return this.#key === undefined || colon === -1 ? undefined : scriptOf(this.#key.slice(colon + 1));
  }

  async #deliver(reply: Reply): Promise<void> {
    const { script } = reply;
    const { totals } = this.#settings.ledger;
    this.#brokenByScript = script.resetAtByte !== undefined || script.cutAtByte !== undefined;
    const garbage = garbageAnswer(script);
    if (garbage !== undefined || reply.type === 'answer') {
      const answer = garbage ?? (reply.type === 'answer' ? reply.answer : undefined);
      if (answer === undefined) return;
      this.#record.status = answer.status;
      if (answer.status >= 400) totals.refused++;
      if (reply.type === 'answer') this.#count(reply.usage);
      await deliverAnswer(this.#response, answer, script);
      return;
    }
    this.#record.status = 200;
    this.#count(reply.usage);
    totals.contentEvents += await deliverStream(this.#response, reply.headers, reply.events, reply.traits, script);
  }

  #count(usage: PlanUsage | undefined): void {
    if (usage === undefined) return;
    const { tokens } = this.#settings.ledger.totals;
    for (const kind of Object.keys(tokens) as (keyof PlanUsage)[]) tokens[kind] += usage[kind];
  }
}

/** A script with `first=N` that has had its N turns no longer counts. */
function settled(script: Script): Script {
  if (script.first === undefined) return script;
  const before = misbehaved.get(script) ?? 0;
  misbehaved.set(script, before + 1);
  return before < script.first ? script : {};
}
