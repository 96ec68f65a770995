import type { Mesh } from '../../../cluster/contract.ts';
import type { NodeId } from '../../../cluster/membership/contract.ts';
import type { Log } from '../../../kit/log.ts';

export interface Answers<T> {
  readonly answers: readonly T[];
  /** Members that did not answer, or not so that it can be read, and those known that are not live. */
  readonly missing: readonly NodeId[];
}

export type AskedMesh = Pick<Mesh, 'self' | 'members' | 'leadership' | 'post'>;

/** Puts one question to all other members. */
export class MemberQuestions {
  readonly #mesh: AskedMesh;
  readonly #log: Log;

  constructor(mesh: AskedMesh, log: Log) {
    this.#mesh = mesh;
    this.#log = log;
  }

  /** Resolves once all have answered, or after `timeoutMs`. `read` answers undefined for what it cannot read. */
  async all<T>(
    service: string,
    body: unknown,
    timeoutMs: number,
    read: (answer: unknown) => T | undefined,
  ): Promise<Answers<T>> {
    const others = this.#others();
    const asked = others.map((node) => this.#ask(node, service, body, timeoutMs, read));
    const said = await Promise.all(asked);
    const silent = others.filter((_, index) => said[index] === undefined);
    const answers = said.filter((each) => each !== undefined);
    return { answers, missing: [...silent, ...this.#absent()].toSorted() };
  }

  /** The first answer that is not empty; undefined when nobody has one. */
  async first<T>(
    service: string,
    body: unknown,
    timeoutMs: number,
    read: (answer: unknown) => readonly T[] | undefined,
  ): Promise<T | undefined> {
    const { promise, resolve } = Promise.withResolvers<T | undefined>();
    const asked = this.#others().map(async (node) => {
      const [found] = (await this.#ask(node, service, body, timeoutMs, read)) ?? [];
      if (found !== undefined) resolve(found);
    });
    void Promise.all(asked).then(() => resolve(undefined));
    return promise;
  }

  #ask<T>(
    node: NodeId,
    service: string,
    body: unknown,
    timeoutMs: number,
    read: (answer: unknown) => T | undefined,
  ): Promise<T | undefined> {
    return new Promise((resolve) => {
      this.#mesh.post.ask(node, service, body, timeoutMs, (answer) => {
        const said = answer === undefined ? undefined : read(answer);
        if (answer !== undefined && said === undefined) {
          this.#log.warn('A member does not say what it has of usage and traces.', { member: node, service });
        }
        resolve(said);
      });
    });
  }

  #others(): NodeId[] {
    return this.#mesh.members.live.filter(({ isSelf }) => !isSelf).map(({ nodeId }) => nodeId);
  }

  /** Known members that are dead or have left, and voters nobody has heard of lately. */
  #absent(): NodeId[] {
    const { members, leadership, self } = this.#mesh;
    const known = [...members.all.map(({ nodeId }) => nodeId), ...(leadership.config?.voters ?? [])];
    return [...new Set(known)].filter((node) => node !== self && !members.isLive(node));
  }
}
