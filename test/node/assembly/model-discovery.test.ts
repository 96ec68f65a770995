import { afterEach, beforeEach, expect, test } from 'vitest';
import { ModelDiscovery } from '../../../node/assembly/model-discovery.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';
import type { ModelListingCall, TokenSource, Upstream, UpstreamRequest } from '../../../node/providers/contract.ts';
import { Catalog } from '../../../node/routing/catalog.ts';
import { ManualClock } from '../../manual-clock.ts';
import { startRig, type ForwardRig } from '../forward/forward-rig.ts';
import { handUpstream, sendJson, startHost, type HandHost } from '../forward/hand-upstream.ts';
import { linesLog } from './lines-log.ts';

let host: HandHost;
let rig: ForwardRig;
let catalog: Catalog;
let discovery: ModelDiscovery;
let isWanted = true;
let clock: ManualClock;
const log = linesLog();
/** What each page of the list holds, by its token; '' is the first. */
let pages: Record<string, { models: string[]; next?: string }>;

beforeEach(async () => {
  isWanted = true;
  clock = new ManualClock();
  log.lines.length = 0;
  pages = {};
  host = await startHost(({ path, authorization }, response) => {
    const page = pages[decodeURIComponent(path.slice('/models?page='.length))];
    if (page === undefined || authorization !== 'Bearer good') sendJson(response, 401, {});
    else sendJson(response, 200, page);
  });
  rig = await startRig();
  catalog = new Catalog({ accounts: rig.accounts, providers: ['openai-custom'] });
  discovery = new ModelDiscovery({
    accounts: rig.accounts,
    catalog,
    forward: rig.forward,
    clock,
    log,
    wantsDiscovery: () => isWanted,
  });
});

afterEach(async () => {
  await rig.stop();
  await host.close();
});

interface Page {
  models: string[];
  next?: string;
}

const listing: ModelListingCall = {
  request: (page = '') => ({
    method: 'GET',
    path: `/models?page=${encodeURIComponent(page)}`,
    headers: [],
    body: undefined,
    origin: host.origin,
  }),
  parse: (body) => (JSON.parse(body.toString()) as Page).models.map((id) => ({ id })),
  nextPage: (body) => (JSON.parse(body.toString()) as Page).next,
};

const bearing = (request: UpstreamRequest, token: string) =>
  Promise.resolve({ ...request, headers: [...request.headers, 'authorization', `Bearer ${token}`] });

/** Its models are at another host than its answers, and asked for with a credential made for each request. */
function add(own: Partial<Upstream> = {}): void {
  const authorise = (request: UpstreamRequest) => bearing(request, 'good');
  rig.add('a', handUpstream('http://127.0.0.1:9', { models: listing, authorise, ...own }));
}

const names = () => catalog.mergedModels().map(({ id }) => id);

test('all pages are read, each authorised, at the host that the request names', async () => {
  pages = { '': { models: ['m1'], next: 'p/2' }, 'p/2': { models: ['m2', 'm1'], next: 'p3' }, p3: { models: ['m3'] } };
  add();
  expect([await discovery.discover('a'), names()]).toEqual([undefined, ['m1', 'm2', 'm3']]);
  expect(catalog.servers(catalog.resolve('m1')).map(({ id }) => id)).toEqual(['a']);
});

test('a circle of pages ends, and so does a list without end', async () => {
  pages = { '': { models: ['m1'], next: 'p' }, p: { models: ['m2'], next: 'q' }, q: { models: ['m3'], next: 'p' } };
  add();
  expect([await discovery.discover('a'), host.requests.length]).toEqual([undefined, 3]);
  let count = 0;
  host.answer = (_, response) => sendJson(response, 200, { models: [`n${count}`], next: `${count++}` });
  expect([await discovery.discover('a'), count, names().length]).toEqual([undefined, 50, 50]);
});

test('no more than 5000 models are taken', async () => {
  const models = Array.from({ length: 3000 }, (_, index) => `m${index}`);
  pages = {
    '': { models, next: 'p' },
    p: { models: models.map((id) => `${id}x`), next: 'q' },
    q: { models: ['last'] },
  };
  add();
  expect([await discovery.discover('a'), names().length, host.requests.length]).toEqual([undefined, 5000, 2]);
});

test('pages that come slowly one after another are not waited for without end', async () => {
  const slow: ModelListingCall = {
    ...listing,
    request(page) {
      clock.advance(9_000);
      return listing.request(page);
    },
    nextPage: () => String(host.requests.length),
  };
  pages = Object.fromEntries(['', ...Array(50).keys()].map((page) => [String(page), { models: [`m${page}`] }]));
  add({ models: slow });
  expect(await discovery.discover('a')).toContain('more than a minute');
  expect([host.requests.length, catalog.knows('a')]).toEqual([7, false]);
});

test('another way that is never found leaves the failure standing', async () => {
  const revise = () => {
    void Promise.resolve().then(() => clock.advance(10_000));
    return new Promise<undefined>(() => undefined);
  };
  add({ revise });
  expect(await discovery.discover('a')).toBeDefined();
  expect(clock.pendingCount).toBe(0);
});

test('a list that breaks off leaves what was known', async () => {
  pages = { '': { models: ['m1'] } };
  add();
  await discovery.discover('a');
  pages = { '': { models: ['m2'], next: 'gone' } };
  expect(await discovery.discover('a')).toContain('401');
  expect(names()).toEqual(['m1']);
});

test('what fails with no fault is a defect, and stands in the log as one', async () => {
  pages = { '': { models: ['m1'] } };
  const parse = () => {
    throw new TypeError('no such member');
  };
  add({ models: { ...listing, parse } });
  expect(await discovery.discover('a')).toBe('the list could not be read');
  expect(log.lines).toEqual(['error account a: internal error while its models were listed']);
});

test('models that are known are there without a question, under their other names too', async () => {
  add({ models: undefined as never, knownModels: [{ id: 'vendor.grok-4', aliases: ['grok-4'] }] });
  expect(await discovery.discover('a')).toBeUndefined();
  expect([names(), host.requests]).toEqual([['grok-4', 'vendor.grok-4'], []]);
  expect(await discovery.refresh()).toEqual({ refreshed: [], failed: [] });
});

test('an account that becomes one with known models has those alone', async () => {
  pages = { '': { models: ['m1'] } };
  add();
  await discovery.discover('a');
  const known = handUpstream('http://127.0.0.1:9', { knownModels: [{ id: 'known' }] });
  rig.accounts.update('a', { upstream: known });
  expect([await discovery.discover('a'), names()]).toEqual([undefined, ['known']]);
});

test('what was listed is forgotten once discovery is switched off: the account takes any name again', async () => {
  pages = { '': { models: ['m1'] } };
  add();
  await discovery.discover('a');
  expect(catalog.knows('a')).toBe(true);
  isWanted = false;
  await discovery.discover('a');
  expect([catalog.knows('a'), names()]).toEqual([false, []]);
});

test('another way to ask is taken here too', async () => {
  pages = { '': { models: ['m1'] } };
  add({ authorise: (request) => bearing(request, request.path.includes('?') ? 'bad' : 'good') });
  const moved = (request: UpstreamRequest) => Promise.resolve({ ...request, path: '/models' });
  host.answer = ({ authorization }, response) =>
    sendJson(response, authorization === 'Bearer good' ? 200 : 401, { models: ['m1'] });
  expect(await discovery.discover('a')).toContain('401');
  Object.assign(rig.accounts.get('a')?.upstream ?? {}, { revise: moved });
  expect([await discovery.discover('a'), names()]).toEqual([undefined, ['m1']]);
});

/** A token that may come, and may be replaced. */
function handToken(access: string | undefined): TokenSource & { access: string | undefined } {
  return {
    access,
    get isUsable() {
      return this.access !== undefined;
    },
    current() {
      return this.access;
    },
    extra: () => undefined,
    refused(accessToken) {
      expect(accessToken).toBe(this.access);
      this.access = 'good';
      return Promise.resolve(true);
    },
  };
}

test('an account whose token is not there yet is asked once it has come', async () => {
  pages = { '': { models: ['m1'] } };
  const token = handToken(undefined);
  add({ token, authorise: (request) => bearing(request, token.access ?? 'none') });
  expect(await discovery.discover('a')).toBe('its token is not there yet');
  expect(host.requests).toEqual([]);
  token.access = 'good';
  discovery.tokenCame('a');
  await expect.poll(names).toEqual(['m1']);
  discovery.tokenCame('a');
  expect(host.requests).toHaveLength(1);
});

test('a token that is refused for the list is refreshed, and the list asked for again', async () => {
  pages = { '': { models: ['m1'] } };
  const token = handToken('old');
  add({
    token,
    authorise: (request) => bearing(request, token.access ?? 'none'),
    readFault: () => protocolFaults.upstream_token_refused('ended'),
  });
  expect([await discovery.discover('a'), names()]).toEqual([undefined, ['m1']]);
});
