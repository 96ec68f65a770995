import type { Settings } from './settings.ts';

/** The mesh port stands this far above the HTTP port where none is given. */
export const meshPortDistance = 10_000;
export const portMax = 65_535;

/** Where the mesh of a node listens. */
export function meshPortOf({ port, cluster }: Pick<Settings, 'port' | 'cluster'>): number {
  return cluster.port ?? port + meshPortDistance;
}
