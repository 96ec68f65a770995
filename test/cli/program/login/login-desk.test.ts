import { expect, it } from 'vitest';
import { CommandDesk } from '../../../../cli/program/login/login-desk.ts';
import { seededRandom } from '../../../../kit/random.ts';
import { ManualClock } from '../../../manual-clock.ts';

it('waits ten minutes for the browser, and listens no longer', async () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  const { signal } = new AbortController();
  const show = (line: string) => void lines.push(line);
  const desk = new CommandDesk({ clock, random: seededRandom(1), signal, terminal: {}, show });
  const addressed = Promise.withResolvers<string>();
  const address = (given: string) => {
    addressed.resolve(given);
    return `https://login.test/?to=${given}`;
  };
  const ended = desk.awaitRedirect({ path: '/back', address }).catch((error: unknown) => error);
  const uri = await addressed.promise;
  expect(lines[0]).toBe(`Open  https://login.test/?to=${uri}`);
  clock.advance(599_999);
  expect((await fetch(uri)).status).toBe(404);
  clock.advance(1);
  expect(await ended).toMatchObject({ code: 'login_given_up' });
  await expect(fetch(`${uri}?code=late`)).rejects.toThrow();
});
