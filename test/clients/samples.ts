/** One pixel of PNG. */
export const pngBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const pngBytes = Buffer.from(pngBase64, 'base64').length;

export const lakeSchema = {
  type: 'object' as const,
  properties: { lake: { type: 'string', description: 'Name of the lake' }, depth: { type: 'integer' } },
  required: ['lake', 'depth'],
  additionalProperties: false,
};
/** What a scripted model calls `lake_info` with. */
export const lakeInput = { lake: 'example lake', depth: 7 };
export const placeSchema = {
  type: 'object' as const,
  properties: { place: { type: 'string' } },
  required: ['place'],
  additionalProperties: false,
};
