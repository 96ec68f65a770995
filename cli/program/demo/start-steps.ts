import { untilWhole } from './loss-steps.ts';
import { listed, type Step } from './step.ts';

/** The nodes start and find each other. */
export const startSteps: readonly Step[] = [
  {
    title: 'Started',
    async run(site) {
      await site.start();
      const pids = site.members.map(({ id, pid }) => `${id} (pid ${pid})`);
      return { isRight: true, text: `${listed(pids)}` };
    },
  },
  {
    title: 'Formed',
    async run(site, signal) {
      const { leader, tookMs } = await untilWhole(site, signal);
      const text = `all ${site.members.length} see each other and agree; ${leader} leads`;
      return { isRight: true, text, facts: { leader }, tookMs };
    },
  },
];
