import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import type { Upstream as ScriptedUpstream } from '../upstream/upstream.ts';
import { upstreamKey } from '../upstream/upstream.ts';
import { testAccount } from './provider-account.ts';
import { testContent } from './provider-content.ts';
import { ProviderDrive } from './provider-drive.ts';
import { testFaults } from './provider-faults.ts';
import { testPassThrough } from './provider-pass-through.ts';
import { testStreams } from './provider-streams.ts';
import type { Limit, ProviderSubject } from './provider-subject.ts';
import { testTools } from './provider-tools.ts';

/** What every group of tests gets: the drive is new for every test. */
export interface ProviderBench<Credential> {
  subject: ProviderSubject<Credential>;
  scripted(): ScriptedUpstream;
  drive(key?: string): ProviderDrive<Credential>;
  /** Whether the provider's format can express it. */
  can(what: Limit): boolean;
}

/** The suite that every provider passes: its translation, its streams, its errors, over a real socket. */
export function describeProvider<Credential>(subject: ProviderSubject<Credential>): void {
  describe(`provider ${subject.provider.id}`, () => {
    let scripted: ScriptedUpstream;
    beforeAll(async () => {
      scripted = await subject.startUpstream();
    });
    beforeEach(() => scripted.clear());
    afterAll(() => scripted.close());
    const bench: ProviderBench<Credential> = {
      subject,
      scripted: () => scripted,
      drive: (key = upstreamKey) => new ProviderDrive(subject, scripted, key),
      can: (what) => !(subject.cannot ?? []).includes(what),
    };
    testContent(bench);
    testTools(bench);
    testStreams(bench);
    testFaults(bench);
    testPassThrough(bench);
    testAccount(bench);
  });
}
