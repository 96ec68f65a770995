import type { JsonObject } from '../../../kit/json.ts';
import type { Api, ApiCall, Reply } from '../api.ts';
import { makePlan, type Plan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import type { Script } from '../script.ts';
import type { WireEvent } from '../wire-event.ts';
import { type AnswerFrame, ociTraits } from './answer-frame.ts';
import { type ChatCall, checkChat } from './check-envelope.ts';
import { signatureComplaint, type SignatureFacts } from './check-signature.ts';
import { misshapen, notAuthenticated, ociError, ociHeaders, ociRefusal } from './errors.ts';
import { listModels } from './list-models.ts';
import { readPrompt } from './read-prompt.ts';
import { writeCohereEvents, writeCohere } from './write-cohere.ts';
import { writeCohereV2, writeCohereV2Events } from './write-cohere-v2.ts';
import { writeGeneric, writeGenericEvents } from './write-generic.ts';

let streams = 0;

/** Oracle's Generative AI service, inference and control plane on one origin. `facts` is asked for each request. */
export function ociApi(facts: () => SignatureFacts): Api {
  return {
    reply(call) {
      const complaint = signatureComplaint(call.request, call.body, facts());
      if (complaint !== undefined) throw new Refusal(withComplaint(complaint, facts().nowMs));
      if (call.keyVerdict !== 'good') throw new Refusal(withComplaint('no such user', facts().nowMs));
      const route = `${call.request.method} ${call.path}`;
      if (route === 'GET /20231130/models') return models(call);
      if (route === 'POST /20231130/actions/chat') return chat(call);
      throw new Refusal(this.notFound(call));
    },
    notFound: () => ociError(404, 'NotAuthorizedOrNotFound', 'Authorization failed or requested resource not found.'),
    failure: (message) => ociError(500, 'InternalServerError', message),
  };
}

/** The service says nothing of the reason; the header is the test's. */
function withComplaint(complaint: string, nowMs: number) {
  const answer = notAuthenticated();
  const date = new Date(nowMs).toUTCString();
  return { ...answer, headers: { ...answer.headers, date, 'x-upstream-complaint': complaint } };
}

function models(call: ApiCall): Reply {
  const script = call.scriptFor('');
  if (script.error !== undefined) return { type: 'answer', answer: ociRefusal(script.error, script, ''), script };
  return { type: 'answer', answer: listModels(call.query, call.listedModels), script };
}

function chat(call: ApiCall): Reply {
  if (!/^application\/json\b/.test(String(call.request.headers['content-type']))) throw new Refusal(misshapen('type'));
  const body = parseJson(call.body);
  const script = call.scriptFor(scriptedName(body));
  const { error } = script;
  if (error !== undefined) return { type: 'answer', answer: ociRefusal(error, script, scriptedName(body)), script };
  const checked = checkChat(body);
  const plan = planOf(checked, script);
  return checked.request['isStream'] === true ? streamed(checked, plan, script) : whole(checked, plan, script);
}

/** Scripts may stand in the name of a model, after its vendor. */
function scriptedName(body: unknown): string {
  const { servingMode } = body as { servingMode?: { modelId?: unknown } };
  return String(servingMode?.modelId ?? '').replace(/^[a-z]+\./, '');
}

/** The older format of Cohere has no place for thinking. */
function planOf(checked: ChatCall, script: Script): Plan {
  const plan = makePlan(readPrompt(checked), script);
  if (checked.format !== 'COHERE') return plan;
  return { ...plan, blocks: plan.blocks.filter(({ type }) => type !== 'thinking') };
}

function whole(checked: ChatCall, plan: Plan, script: Script): Reply {
  const frame = frameOf(checked);
  const chatResponse: Record<ChatCall['format'], () => JsonObject> = {
    GENERIC: () => writeGeneric(plan, frame),
    COHERE: () => writeCohere(plan, checked.request),
    COHEREV2: () => writeCohereV2(plan),
  };
  const body = { modelId: checked.model, modelVersion: '1.0.0', chatResponse: chatResponse[checked.format]() };
  const answer = { status: 200, headers: ociHeaders(), body: JSON.stringify(body) };
  return { type: 'answer', answer, script, ...(plan.usage === undefined ? {} : { usage: plan.usage }) };
}

function streamed(checked: ChatCall, plan: Plan, script: Script): Reply {
  const frame = frameOf(checked);
  const events: Record<ChatCall['format'], () => Iterable<WireEvent>> = {
    GENERIC: () => writeGenericEvents(plan, frame),
    COHERE: () => writeCohereEvents(plan, checked.request, frame),
    COHEREV2: () => writeCohereV2Events(plan, frame),
  };
  return {
    type: 'stream',
    headers: { ...ociHeaders(), 'content-type': 'text/event-stream' },
    events: events[checked.format](),
    traits: ociTraits,
    usage: plan.usage,
    script,
  };
}

function frameOf({ model, request }: ChatCall): AnswerFrame {
  const options = request['streamOptions'] as JsonObject | undefined;
  return {
    model,
    includesUsage: options?.['isIncludeUsage'] === true,
    saysDone: ++streams % 2 === 0,
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new Refusal(ociError(400, 'CannotParseRequest', 'Incorrectly formatted request.'));
  }
}
