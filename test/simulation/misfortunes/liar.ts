import type { Random } from '../../../kit/random.ts';
import type { Host } from '../world/host.ts';
import { between, pick } from '../world/streams.ts';
import type { World } from '../world/world.ts';
import { invent } from './lies.ts';

/** A spell of lying lasts so long at most, and has so many lies a second. */
const spellMaxMs = 3000;
const liesPerSecond = 40;

/** The one that lies, now and then, until it is taken away for good. */
export function lie(world: World, random: Random): void {
  const liar = world.liar;
  if (liar === undefined) return;
  const untilMs = world.queue.nowMs + between(random, 100, spellMaxMs);
  const next = () => {
    if (world.isQuiet || world.queue.nowMs > untilMs) return;
    tellOne(world, random, liar);
    world.queue.after(between(random, 1, 2000 / liesPerSecond), next);
  };
  next();
}

/** It has the secret and was let in: what it says comes from a member. Garbage now and then. */
function tellOne(world: World, random: Random, liar: Host): void {
  const { process } = liar;
  if (process === undefined || process.isEnded || liar.isHeld) return;
  process.turn(() => {
    const { post, membership } = process.parts;
    const to = pick(random, post.reachable());
    const victim = pick(random, membership.live);
    if (to === undefined || victim === undefined) return;
    if (random.next() < 0.03) {
      const address = post.peerOf(to);
      if (address !== undefined) process.transport.send(address, random.bytes(random.below(40)));
      return;
    }
    const { kind, body, isQuestion } = invent({ liar: process, victim, random });
    world.counts.lies++;
    process.note(() => `lies to ${to}: ${kind} ${JSON.stringify(body).slice(0, 200)}`);
    if (isQuestion === true) post.ask(to, kind, body, 1000, () => undefined);
    else post.send(to, kind, body);
  });
}
