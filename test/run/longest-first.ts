import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files, or folders of them, that take long, the longest first: what begins last must be short, or one worker is still
 * at it when all others are done. The order of all else is vitest's own.
 */
const longest = [
  'test/processes/mesh/tokens.test.ts',
  'test/processes/mesh/leader-kills.test.ts',
  'test/clients/claude-code.test.ts',
  'test/simulation/',
  'test/compliance/',
  'test/processes/',
  'test/clients/',
];

/** The order in which vitest takes up test files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => this.#rank(one) - this.#rank(other));
  }

  #rank({ moduleId }: TestSpecification): number {
    const path = relative(this.ctx.config.root, moduleId).replaceAll('\\', '/');
    const index = longest.findIndex((prefix) => path.startsWith(prefix));
    return index === -1 ? longest.length : index;
  }
}
