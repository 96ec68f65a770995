import type { JsonObject } from '../../../kit/json.ts';

/** Where a model runs: on demand by its name or OCID, or on a dedicated endpoint by that one's OCID. */
export function servingModeOf(model: string, endpoint: string | undefined): JsonObject {
  const endpointId = endpoint ?? (model.startsWith('ocid1.generativeaiendpoint.') ? model : undefined);
  if (endpointId !== undefined) return { servingType: 'DEDICATED', endpointId };
  return { servingType: 'ON_DEMAND', modelId: model };
}
