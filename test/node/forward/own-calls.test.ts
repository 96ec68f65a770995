import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRig, type ForwardRig } from './forward-rig.ts';
import { handUpstream, sendJson, startHost, type HandHost } from './hand-upstream.ts';

let host: HandHost;
let rig: ForwardRig;

beforeEach(async () => {
  host = await startHost(({ authorization }, response) => sendJson(response, 418, { authorization }));
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

const get = (origin: string) => ({
  method: 'GET',
  path: '/p?q=1',
  headers: ['accept', '*/*'],
  body: undefined,
  origin,
});

test('answers of any status come back, with headers and body', async () => {
  const answer = await rig.forward.askOrigin({ ...get(host.origin), method: 'POST', body: 'sent' });
  expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
    418,
    'application/json',
    '{}',
  ]);
  expect(host.requests).toEqual([{ path: '/p?q=1', authorization: undefined, body: 'sent' }]);
});

test('a host that cannot be reached is a Fault', async () => {
  const { origin } = host;
  await host.close();
  await expect(rig.forward.askOrigin(get(origin))).rejects.toMatchObject({ code: 'upstream_unreachable' });
  host = await startHost(() => undefined);
});

test('so is one that does not answer in time', async () => {
  host.answer = () => undefined;
  await expect(rig.forward.askOrigin(get(host.origin), 50)).rejects.toMatchObject({ code: 'upstream_timeout' });
});

test('so is an answer without end', async () => {
  host.answer = (_, response) => {
    response.writeHead(200);
    const piece = Buffer.alloc(1024 * 1024);
    const pump = () => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', pump);
    };
    pump();
  };
  await expect(rig.forward.askOrigin(get(host.origin))).rejects.toMatchObject({ code: 'upstream_bad_answer' });
});

test('an address that is never dialled is refused here too', async () => {
  await expect(rig.forward.askOrigin(get('http://169.254.169.254'))).rejects.toMatchObject({
    code: 'upstream_address_refused',
  });
});

test('a call to an account’s upstream is authorised, and goes to the other host it names', async () => {
  const authorise = async (request: ReturnType<typeof get>) => ({
    ...request,
    headers: [...request.headers, 'authorization', 'Bearer made'],
  });
  const upstream = handUpstream('http://127.0.0.1:9', { authorise: authorise as never });
  const answer = await rig.forward.ask(upstream, get(host.origin), 5_000);
  expect(answer.body.toString()).toBe('{"authorization":"Bearer made"}');
});
