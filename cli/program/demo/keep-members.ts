import type { Output } from '../output.ts';
import type { DemoMember } from './demo-member.ts';
import type { DemoSite } from './demo-site.ts';

/** Long enough that the others are seen to notice. */
const restartDelayMs = 5_000;

/** While the demo stays up: starts a node that ended (somebody killed it) again, and says so. Ends with the signal. */
export async function keepMembers(site: DemoSite, output: Output, end: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((done) => end.addEventListener('abort', () => done(), { once: true }));
  await Promise.race([aborted, ...site.members.map((member) => keep(member, site, output, end))]);
}

async function keep(member: DemoMember, site: DemoSite, output: Output, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    const exit = await member.exited();
    if (end.aborted) return;
    output.line(
      `${member.id} ended (${exit?.signal ?? exit?.code}); it is started again in ${restartDelayMs / 1_000} s`,
    );
    try {
      await site.clock.sleep(restartDelayMs, end);
      await member.start();
      output.line(`${member.id} is back (pid ${member.pid})`);
    } catch (error) {
      if (end.aborted) return;
      output.line(error instanceof Error ? error.message : String(error));
    }
  }
}
