import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TokenSource } from '../../../../node/providers/contract.ts';
import { geminiProvider } from '../../../../node/providers/gemini-cli/index.ts';
import { notesInMemory, providerEnvironment } from '../../../suites/provider-environment.ts';
import { startRig, type ForwardRig } from '../../forward/forward-rig.ts';
import { sendJson, startHost, type HandHost, type HandRequest } from '../../forward/hand-upstream.ts';
import type { ServerResponse } from 'node:http';

let host: HandHost;
let rig: ForwardRig;
let access = 'old';
const notes = notesInMemory();
type Answer = (request: HandRequest, response: ServerResponse) => void;
let answers: Record<string, Answer>;

const said = {
  response: { candidates: [{ content: { role: 'model', parts: [{ text: 'well' }] }, finishReason: 'STOP' }] },
};
const loaded = { currentTier: { id: 'standard-tier' }, cloudaicompanionProject: 'found-1' };

const token: TokenSource = {
  isUsable: true,
  current: () => access,
  extra: () => undefined,
  refused(accessToken) {
    if (accessToken === access) access = 'new';
    return Promise.resolve(true);
  },
};

beforeEach(async () => {
  access = 'old';
  notes.all.clear();
  answers = {
    loadCodeAssist: (_, response) => sendJson(response, 200, loaded),
    generateContent: (_, response) => sendJson(response, 200, said),
  };
  host = await startHost((request, response) => answers[callOf(request)]?.(request, response));
  rig = await startRig();
  open('one');
});

function open(id: string): void {
  const credential = geminiProvider.credential.parse({
    refresh_token: 'rt',
    client_secret: 'public',
    base_url: host.origin,
  });
  const account = { id, provider: 'gemini-cli' as const, ...credential };
  if (rig.accounts.get(id) !== undefined) rig.accounts.remove(id);
  rig.accounts.add({
    definition: { id, provider: 'gemini-cli', acceptsUnknownModels: true },
    upstream: geminiProvider.open(account, providerEnvironment({ token, notes })),
  });
}

afterEach(async () => {
  await rig.stop();
  await host.close();
});

const callOf = ({ path }: HandRequest) => path.slice(path.indexOf(':') + 1).split('?')[0]!;
const one = () => rig.accounts.get('one');
const chat = () => rig.chat({ model: 'gemini-2.5-pro' });
const refuse: Answer = ({ authorization }, response) =>
  authorization === 'Bearer new'
    ? sendJson(response, 200, loaded)
    : sendJson(response, 401, { error: { code: 401, status: 'UNAUTHENTICATED' } });

test('a token that has ended before the project is known is refreshed, and the project found with the new one', async () => {
  answers['loadCodeAssist'] = refuse;
  expect((await chat()).status).toBe(200);
  expect(host.requests.map((request) => [callOf(request), request.authorization])).toEqual([
    ['loadCodeAssist', 'Bearer old'],
    ['loadCodeAssist', 'Bearer new'],
    ['generateContent', 'Bearer new'],
  ]);
  expect(one()?.standings.whole.breaker.errorCount).toBe(0);
});

test('once its owner has done what was wanted and enabled the account, it is asked at once', async () => {
  answers['loadCodeAssist'] = (_, response) =>
    sendJson(response, 200, {
      ineligibleTiers: [
        { reasonCode: 'VALIDATION_REQUIRED', reasonMessage: 'Verify', validationUrl: 'https://v.example' },
      ],
    });
  expect((await chat()).status).toBe(502);
  expect([one()?.enabled, one()?.disabledReason]).toEqual([false, 'Verify; open https://v.example']);
  answers['loadCodeAssist'] = (_, response) => sendJson(response, 200, loaded);
  rig.accounts.enable('one');
  expect((await chat()).status).toBe(200);
});

test('a failure of the service stands for a while: not every request asks again', async () => {
  answers['loadCodeAssist'] = (_, response) => sendJson(response, 500, { error: { code: 500 } });
  expect([(await chat()).status, (await chat()).status]).toEqual([502, 502]);
  expect(host.requests.map(callOf)).toEqual(['loadCodeAssist']);
});

test('a project that was kept and is refused is looked up anew, once', async () => {
  notes.set('project:', 'kept');
  open('one');
  const found = ['found-1', 'found-2'];
  answers['loadCodeAssist'] = (_, response) =>
    sendJson(response, 200, { ...loaded, cloudaicompanionProject: found.shift() });
  answers['generateContent'] = ({ body }, response) => {
    const { project } = JSON.parse(body) as { project: string };
    if (project === 'found-1' && isAllowed) return sendJson(response, 200, said);
    const message = `Permission denied on resource project ${project}.`;
    return sendJson(response, 403, { error: { code: 403, status: 'PERMISSION_DENIED', message } });
  };
  let isAllowed = true;
  expect((await chat()).status).toBe(200);
  expect(host.requests.map(callOf)).toEqual(['generateContent', 'loadCodeAssist', 'generateContent']);
  expect([...notes.all.values()]).toEqual(['found-1']);
  isAllowed = false;
  expect((await chat()).status).toBe(502);
  expect(host.requests.map(callOf).slice(3)).toEqual(['generateContent']);
});
