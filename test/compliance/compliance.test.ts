import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cases } from './cases/registry.ts';
import { type Cell, emptyCell } from './cell.ts';
import { cellName, compatibilityPage } from './page.ts';
import { RunningSubject } from './running-subject.ts';
import { Scene } from './scene.ts';
import { speakers } from './speakers/registry.ts';
import { subjects } from './subjects/registry.ts';

const page = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));
const seen = new Map<string, Cell>();

for (const subject of subjects) {
  describe(subject.id, () => {
    let running: RunningSubject;
    beforeAll(async () => {
      running = await RunningSubject.start(subject);
    });
    afterAll(() => running.stop());
    beforeEach(() => running.reset());

    for (const each of cases) {
      for (const speaker of speakers) {
        it(`${each.title} from ${speaker.title}`, async () => {
          const cell = emptyCell();
          await each.run(new Scene(running, speaker, cell));
          seen.set(cellName(subject, each, speaker), cell);
        });
      }
    }

    it('explains nothing that was not seen', () => {
      expect(running.explanations.unused()).toEqual([]);
    });
  });
}

describe('docs/compatibility.md', () => {
  it('is what was seen (vitest run test/compliance -u writes it)', async () => {
    await expect(await compatibilityPage({ subjects, cases, speakers }, seen)).toMatchFileSnapshot(page);
  });
});
