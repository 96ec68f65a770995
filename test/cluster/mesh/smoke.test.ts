import { expect, it } from 'vitest';
import { LittleMesh } from './little-mesh.ts';

it('smoke', () => {
  for (const n of [1, 2, 3, 5, 9, 20]) {
    const mesh = new LittleMesh(n);
    const nodes = mesh.grow(n);
    const t = mesh.until(() => nodes.every((x) => x.post.reachable().length === n - 1));
    console.log(
      n,
      t,
      nodes.map((x) => x.liveIds().length + '/' + x.post.reachable().length + '/' + x.links.isJoined).join(' '),
    );
    const f0 = mesh.wire.framesCount;
    mesh.advance(60000);
    console.log(
      'frames/s/node',
      (mesh.wire.framesCount - f0) / 60 / n,
      nodes.map((x) => x.membership.suspicions).join(','),
      nodes.flatMap((x) => x.log.lines.filter((l) => l.level !== 'info' && l.level !== 'debug')).slice(0, 5),
    );
    if (n > 1) {
      const victim = nodes.at(-1)!;
      victim.kill();
      const rest = nodes.slice(0, -1);
      console.log(
        'kill',
        mesh.until(() => rest.every((x) => x.state(`n${n}`) === 'dead'), 10000),
        rest.map((x) => x.membership.suspicions).join(','),
      );
      mesh.advance(1000);
      if (n > 2) {
        nodes[0]!.freeze();
        const rest2 = nodes.slice(1, -1);
        console.log(
          'freeze',
          mesh.until(() => rest2.every((x) => x.state('n1') === 'dead'), 20000),
        );
        mesh.advance(10000);
        nodes[0]!.thaw();
        console.log(
          'thaw',
          mesh.until(
            () =>
              nodes
                .slice(0, -1)
                .every(
                  (x) =>
                    x.liveIds().length === n - 1 &&
                    x.membership.live.every((m) => m.state === 'alive') &&
                    x.post.reachable().length === n - 2,
                ),
            30000,
          ),
          nodes[0]!.changes.slice(-6),
          nodes[0]!.membership.awareness,
        );
      }
    }
  }
  expect(1).toBe(1);
});
