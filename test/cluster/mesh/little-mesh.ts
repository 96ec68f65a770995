import type { Fault } from '../../../kit/fault.ts';
import { seededRandom, type Random } from '../../../kit/random.ts';
import { Links } from '../../../cluster/links/links.ts';
import type { SeedResolver } from '../../../cluster/links/contract.ts';
import type { Member, MemberState } from '../../../cluster/membership/contract.ts';
import { SwimMembership } from '../../../cluster/membership/swim.ts';
import { messagePackCodec } from '../../../cluster/post/message-pack-codec.ts';
import { PeerPost } from '../../../cluster/post/peer-post.ts';
import { timings, type Timing } from '../../../cluster/timing.ts';
import { ManualClock } from '../../manual-clock.ts';
import { FreezableClock } from './freezable-clock.ts';
import { recordedLog, type RecordedLog } from './recorded-log.ts';
import { Wire, WireTransport } from './wire.ts';

export interface NodeOptions {
  peer?: string;
  seeds?: readonly string[];
  incarnation?: number;
  startedAtMs?: number;
  secret?: string;
  resolver?: SeedResolver;
  /** Added to the wall clock of the node. */
  wallShiftMs?: number;
}

/** One process: post, membership and links over the wire. */
export class LittleNode {
  readonly clock: FreezableClock;
  readonly transport: WireTransport;
  readonly post: PeerPost;
  readonly membership: SwimMembership;
  readonly links: Links;
  readonly log: RecordedLog = recordedLog();
  readonly incarnations: number[] = [];
  readonly fatal: Fault[] = [];
  /** `node:before>after`, in the order in which observers heard. */
  readonly changes: string[] = [];
  loopDelayMs = 0;

  constructor(mesh: LittleMesh, id: string, options: NodeOptions) {
    const { wire, timing } = mesh;
    const peer = options.peer ?? id;
    this.clock = new FreezableClock(mesh.clock);
    this.clock.jumpWall(options.wallShiftMs ?? 0);
    this.transport = new WireTransport(wire, peer, this.clock);
    const environment = { clock: this.clock, random: mesh.random, log: this.log, timing };
    this.post = new PeerPost({ ...environment, self: id, transport: this.transport, codec: messagePackCodec });
    const startedAtMs = options.startedAtMs ?? this.clock.nowMs();
    const facts = {
      nodeId: id,
      peer,
      incarnation: options.incarnation ?? startedAtMs,
      address: `${peer}:1`,
      meshAddresses: this.transport.addresses(),
      version: '1.0.0',
      startedAtMs,
    };
    this.membership = new SwimMembership({
      ...environment,
      facts,
      post: this.post,
      loopDelayMs: () => this.loopDelayMs,
      onIncarnation: (incarnation) => this.incarnations.push(incarnation),
    });
    this.membership.observe({
      memberChanged: (member, before) => this.changes.push(`${member.nodeId}:${before ?? 'new'}>${member.state}`),
    });
    this.links = new Links({
      ...environment,
      transport: this.transport,
      post: this.post,
      membership: this.membership,
      facts: () => facts,
      seeds: options.seeds ?? [],
      ownAddress: facts.address,
      resolver: options.resolver ?? mesh.resolver,
      proof: {
        make: () => options.secret ?? 'shared',
        check: (_from, _to, proof) => proof === (options.secret ?? 'shared'),
      },
      onFatal: (fault) => this.fatal.push(fault),
    });
    this.transport.begin(this.links);
    this.membership.start();
    this.links.start();
  }

  state(node: string): MemberState | undefined {
    return this.membership.get(node)?.state;
  }

  member(node: string): Member {
    const member = this.membership.get(node);
    if (member === undefined) throw new Error(`${node} is not known`);
    return member;
  }

  liveIds(): string[] {
    return this.membership.live.map(({ nodeId }) => nodeId);
  }

  /** SIGKILL: nothing is said, connections break. */
  kill(): void {
    this.transport.crash();
    this.links.stop();
    this.membership.stop();
  }

  freeze(): void {
    this.clock.isFrozen = true;
  }

  thaw(): void {
    this.clock.thaw();
  }
}

/** Several nodes, one manual clock. */
export class LittleMesh {
  readonly clock = new ManualClock();
  readonly random: Random;
  readonly wire: Wire;
  readonly timing: Timing;
  readonly nodes = new Map<string, LittleNode>();
  /** A seed `x:1` leads to the newest node of the name, or to a peer `x`. */
  readonly resolver: SeedResolver = {
    resolve: (seed, done) => {
      const name = seed.split(':')[0] ?? '';
      done([`/wire/${this.nodes.get(name)?.transport.self ?? name}`]);
    },
  };

  constructor(seed = 1, timing: Timing = timings.lan) {
    this.random = seededRandom(seed);
    this.wire = new Wire(this.clock, this.random);
    this.timing = timing;
  }

  add(id: string, options: NodeOptions = {}): LittleNode {
    const node = new LittleNode(this, id, options);
    this.nodes.set(id, node);
    return node;
  }

  /** `count` nodes n1, n2, … that all know n1, and have found each other. */
  grow(count: number): LittleNode[] {
    const nodes = Array.from({ length: count }, (_, index) =>
      this.add(`n${index + 1}`, { seeds: index === 0 ? [] : ['n1:1'] }),
    );
    this.advance(3000);
    return nodes;
  }

  node(id: string): LittleNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`no node ${id}`);
    return node;
  }

  advance(byMs: number): void {
    this.clock.advance(byMs);
  }

  /** Milliseconds until the condition holds; Infinity when it does not within the bound. */
  until(condition: () => boolean, boundMs = 60_000): number {
    for (let elapsedMs = 0; elapsedMs <= boundMs; elapsedMs += 10) {
      if (condition()) return elapsedMs;
      this.advance(10);
    }
    return Infinity;
  }
}
