import type { Random } from '../../../kit/random.ts';
import type { Plan } from '../plan.ts';
import { Disk } from './disk.ts';
import type { EventQueue } from './event-queue.ts';
import { Kept } from './kept.ts';
import type { SimProcess } from './sim-process.ts';
import { between } from './streams.ts';

/** A machine: what stays when its process ends. */
export class Host {
  readonly index: number;
  readonly nodeId: string;
  readonly address: string;
  readonly place: string;
  readonly random: Random;
  readonly rate: number;
  readonly disk: Disk;
  /** Changes with the disk. */
  peer: string;
  kept = new Kept();
  wallOffsetMs: number;
  process: SimProcess | undefined;
  /** Misfortunes that trouble it now; while there is one, and for a while after, others may think it dead. */
  troubles = 0;
  lastTroubleMs = -Infinity;
  /** When the present trouble, or the last, began. */
  troubledSinceMs = -Infinity;
  /** The last time it could not hear of a clear, long enough that it must compare before it serves again. */
  awayFromMs = 0;
  awayUntilMs = 0;
  diskLostMs = -Infinity;
  /** It left or was removed, and does not come back. */
  isGone = false;
  /** It is on its way out, for good or not. */
  isLeaving = false;
  /** It lies, until all heals, and then is taken away for good. */
  isHostile = false;
  /** Its process stands still. */
  isHeld = false;
  heldSinceMs = 0;
  #disks = 0;

  constructor(index: number, queue: EventQueue, random: Random, plan: Plan) {
    this.index = index;
    this.nodeId = `n${index + 1}`;
    const ip = `10.0.${index >>> 8}.${(index & 255) + 1}`;
    this.address = `${ip}:3000`;
    this.place = `/ip4/${ip}/tcp/13000`;
    this.random = random;
    this.rate = 1 + between(random, -plan.clockRateMax, plan.clockRateMax);
    this.wallOffsetMs = between(random, -plan.wallSkewMaxMs, plan.wallSkewMaxMs);
    this.disk = new Disk(queue, random, plan.disk);
    this.peer = this.#newPeer();
  }

  /** The disk is replaced: everything kept is lost, and so is the key that names the peer. */
  replaceDisk(nowMs: number): void {
    this.kept = new Kept();
    this.peer = this.#newPeer();
    this.diskLostMs = nowMs;
  }

  trouble(nowMs: number): void {
    if (this.troubles === 0) this.troubledSinceMs = nowMs;
    this.troubles++;
    this.lastTroubleMs = nowMs;
  }

  relieve(nowMs: number): void {
    this.troubles--;
    this.lastTroubleMs = nowMs;
  }

  #newPeer(): string {
    this.#disks++;
    return `12D3KooWSim${String(this.index + 1).padStart(4, '0')}${String(this.#disks).padStart(2, '0')}`;
  }
}
