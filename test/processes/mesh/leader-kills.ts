/**
 * Three nodes, and a leader that is killed between the moment in which the login service spends a refresh token and the
 * moment in which the next one is on all disks: what becomes of the login, and how long the others are held up. A run is
 * one refresh, one SIGKILL and one restart; the nodes are started once, and every run has an account of its own.
 */
import { seededRandom } from '../../../kit/random.ts';
import { openaiAccount } from '../../running-node.ts';
import { startIssuer, type Issuer } from '../../upstream/oauth-issuer.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { startMesh, until, type MeshOfProcesses } from './mesh-of-processes.ts';
import { tokenAccount } from './token-account.ts';

export interface LeaderKillOptions {
  readonly runs: number;
  readonly seed: number;
  /** Called after each run. */
  readonly onRun?: (run: LeaderKill) => void;
}

/** One leader that died. */
export interface LeaderKill {
  readonly account: string;
  /** Milliseconds from the service's rotation to the kill. */
  readonly killedAfterMs: number;
  /** Whether the service had answered by then. */
  readonly wasAnswered: boolean;
  /** Milliseconds from the kill until both survivors had answered a client … */
  readonly servedMs: number;
  /** … until one of them led … */
  readonly ledMs: number;
  /** … and until it had refreshed another account's token. */
  readonly refreshedMs: number;
}

export interface LeaderKillResult {
  readonly runs: readonly LeaderKill[];
  /** Accounts that need a person, all members being there again. */
  readonly lost: readonly string[];
  /** Why, as a node's account page has it. */
  readonly reasons: readonly string[];
  /** Accounts whose spent refresh token came to the service again, once for each time. */
  readonly sentAgain: readonly string[];
  /** Tokens that were taken up from a write that the kill interrupted. */
  readonly rescued: number;
  /** Requests by clients that did not succeed. */
  readonly failedRequests: number;
}

/** The answer is held for up to so long after the rotation, and the kill comes within so long of it. */
const holdMsMax = 40;
const killMsMax = 80;

/** Far above what it takes: machines that run tests are busy. */
const boundMs = 60_000;
/** A doubt about a token lasts for about a minute. */
const decisionMs = 240_000;

const all = [0, 1, 2];

export async function killLeaders(options: LeaderKillOptions): Promise<LeaderKillResult> {
  const site = new KillSite(options);
  try {
    return await site.run();
  } finally {
    await site.close();
  }
}

class KillSite {
  readonly #options: LeaderKillOptions;
  readonly #runs: LeaderKill[] = [];
  #upstream!: Upstream;
  #issuer!: Issuer;
  #mesh: MeshOfProcesses | undefined;
  /** What nodes that are gone had written. */
  #rescued = 0;
  #failedRequests = 0;

  constructor(options: LeaderKillOptions) {
    this.#options = options;
  }

  async run(): Promise<LeaderKillResult> {
    const { runs, seed, onRun } = this.#options;
    await this.#start(runs);
    const random = seededRandom(seed);
    for (let index = 0; index < runs; index++) {
      const run = await this.#kill(`t${index}`, random.next() * holdMsMax, random.next() * killMsMax, index);
      this.#runs.push(run);
      onRun?.(run);
    }
    return this.#sumUp();
  }

  async close(): Promise<void> {
    await this.#mesh?.stop();
    await this.#issuer?.close();
    await this.#upstream?.close();
  }

  async #start(runs: number): Promise<void> {
    this.#upstream = await start();
    this.#issuer = await startIssuer();
    const ids = [...Array.from({ length: runs }, (_, index) => `t${index}`), 'other'];
    const tokens = ids.map((id) => tokenAccount(this.#issuer, id));
    const accounts = [...tokens, openaiAccount(this.#upstream, 'work', { models: ['work'] })];
    this.#mesh = await startMesh({ count: 3, isMeshOn: true, settings: { accounts }, areFoldersApart: true });
    const areAllFresh = async (index: number) => {
      const { tokens: shown } = await this.#running.status(index);
      return shown.length === ids.length && shown.every(({ expires_at }) => expires_at !== null);
    };
    for (const index of all) await until(() => areAllFresh(index), boundMs, 'every account has its first token');
  }

  get #running(): MeshOfProcesses {
    if (this.#mesh === undefined) throw new Error('the mesh was not started');
    return this.#mesh;
  }

  async #kill(account: string, holdMs: number, killMs: number, turn: number): Promise<LeaderKill> {
    const mesh = this.#running;
    const leader = await this.#leaderSeenBy(turn % 3);
    const survivors = all.filter((index) => index !== leader);
    const heldBefore = this.#issuer.held;
    this.#issuer.next('hold', account);
    void this.#refresh(leader, account).catch(() => undefined);
    await this.#issuer.until(({ held }) => held > heldBefore, boundMs);
    const answerTimer = setTimeout(() => this.#issuer.release(), holdMs);
    await new Promise((done) => setTimeout(done, killMs));
    const wasAnswered = this.#issuer.held === 0;
    mesh.nodes[leader]?.signal('SIGKILL');
    const killedMs = performance.now();
    const sinceKill = () => Math.round(performance.now() - killedMs);
    const [served, led] = await Promise.all([
      Promise.all(survivors.map((index) => this.#ask(index))).then(sinceKill),
      this.#anotherLeads(survivors[0]!, leader).then(sinceKill),
    ]);
    await until(() => this.#refresh(survivors[turn % 2]!, 'other'), boundMs, 'another account is refreshed');
    const refreshedMs = sinceKill();
    clearTimeout(answerTimer);
    this.#issuer.release();
    await mesh.nodes[leader]?.exited;
    await mesh.restart(leader);
    await mesh.whole();
    this.#rescued += linesOf(mesh, leader);
    return { account, killedAfterMs: Math.round(killMs), wasAnswered, servedMs: served, ledMs: led, refreshedMs };
  }

  async #leaderSeenBy(index: number): Promise<number> {
    const { leader } = await this.#running.status(index);
    return this.#running.ids.indexOf(leader ?? '');
  }

  async #anotherLeads(asked: number, former: number): Promise<void> {
    await until(async () => ![-1, former].includes(await this.#leaderSeenBy(asked)), boundMs, 'another leads');
  }

  async #refresh(index: number, account: string): Promise<boolean> {
    const answer = await this.#running.nodes[index]!.fetch(`/accounts/${account}/refresh`, { method: 'POST' });
    await answer.arrayBuffer();
    return answer.status < 300;
  }

  async #ask(index: number): Promise<void> {
    const answer = await this.#running.nodes[index]!.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'work', messages: [{ role: 'user', content: `${index} ${this.#runs.length}` }] }),
    });
    await answer.arrayBuffer();
    if (answer.status !== 200) this.#failedRequests++;
  }

  /** Refreshes every account once more: the one proof that its newest refresh token is still there. */
  async #sumUp(): Promise<LeaderKillResult> {
    const reasons: string[] = [];
    const lost: string[] = [];
    const waiting = this.#runs.map(({ account }) => account);
    const decide = async (): Promise<void> => {
      for (let account = waiting.shift(); account !== undefined; account = waiting.shift()) {
        const reason = await this.#decided(account);
        if (reason === undefined) continue;
        lost.push(account);
        reasons.push(reason);
      }
    };
    await Promise.all([decide(), decide(), decide(), decide()]);
    const sentAgain = this.#issuer.reuses.map(({ family }) => family);
    return {
      runs: this.#runs,
      lost,
      reasons,
      sentAgain,
      rescued: this.#rescued,
      failedRequests: this.#failedRequests,
    };
  }

  /** Undefined for an account that goes on, else why it does not, as every node says. */
  async #decided(account: string): Promise<string | undefined> {
    let reason: string | undefined;
    const isOver = async () => {
      const pages = await Promise.all(all.map((index) => this.#tokenOf(index, account)));
      const [first] = pages;
      if (pages.every(({ state }) => state === 'needs_login')) {
        reason = first?.reason ?? '';
        return true;
      }
      return pages.every(({ state }) => state === 'usable') && (await this.#refresh(0, account));
    };
    await until(isOver, decisionMs, `what became of ${account} is known`);
    return reason;
  }

  async #tokenOf(index: number, account: string): Promise<{ state: string; reason: string | null }> {
    const answer = await this.#running.nodes[index]!.fetch(`/accounts/${account}`);
    return ((await answer.json()) as { token: { state: string; reason: string | null } }).token;
  }
}

function linesOf(mesh: MeshOfProcesses, index: number): number {
  const node = mesh.nodes[index]!;
  return (node.stdout() + node.stderr()).split('was interrupted; what it left is whole').length - 1;
}
