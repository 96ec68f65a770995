import { resolve } from 'node:path';
import { FaultProxy, type Weather } from '../../faultproxy/fault-proxy.ts';
import { startMesh, type MeshOfProcesses, type MeshOptions } from './mesh-of-processes.ts';

const reroute = resolve(import.meta.dirname, '../../faultproxy/reroute.ts');

/** A mesh in which each member reaches each other through a proxy of their own. */
export interface FaultyMesh {
  readonly mesh: MeshOfProcesses;
  /** Between one member and all others. One-way weather is as seen from the member: `hole-forth` is what it sends. */
  isolate(index: number, weather: Weather): void;
  stop(): Promise<void>;
}

type FaultyOptions = Pick<MeshOptions, 'count' | 'settings'>;

export async function startFaultyMesh({ count, settings }: FaultyOptions): Promise<FaultyMesh> {
  const proxies: { from: number; to: number; proxy: FaultProxy }[] = [];
  const stopProxies = () => Promise.all(proxies.map(({ proxy }) => proxy.stop()));
  const envOf = async (from: number, ports: readonly number[]) => {
    const routes: Record<string, number> = {};
    for (const [to, port] of ports.entries()) {
      if (to === from) continue;
      const proxy = new FaultProxy(port + 10_000);
      proxies.push({ from, to, proxy });
      routes[port + 10_000] = await proxy.start();
    }
    return { NODE_OPTIONS: `--import ${reroute}`, AIPROXY_TEST_REROUTE: JSON.stringify(routes) };
  };
  try {
    const mesh = await startMesh({ count, settings, isMeshOn: true, areFoldersApart: true, envOf });
    return {
      mesh,
      isolate(index, weather) {
        for (const { from, to, proxy } of proxies) {
          if (from === index) proxy.weather = weather;
          else if (to === index) proxy.weather = turned(weather);
        }
      },
      async stop() {
        await mesh.stop();
        await stopProxies();
      },
    };
  } catch (error) {
    await stopProxies();
    throw error;
  }
}

function turned(weather: Weather): Weather {
  if (weather === 'hole-forth') return 'hole-back';
  return weather === 'hole-back' ? 'hole-forth' : weather;
}
