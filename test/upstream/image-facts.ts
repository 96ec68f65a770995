/** Starts of the image formats that both vendors take. */
const magic: readonly (readonly [mediaType: string, bytes: string])[] = [
  ['image/png', '89504e47'],
  ['image/jpeg', 'ffd8ff'],
  ['image/gif', '47494638'],
  ['image/webp', '52494646'],
];

/** What a base64 image really is; undefined when it is none of the known formats. */
export function sniffImage(base64: string): { mediaType: string; bytes: number } | undefined {
  const bytes = Buffer.from(base64, 'base64');
  const head = bytes.subarray(0, 8).toString('hex');
  const found = magic.find(([, start]) => head.startsWith(start));
  return found === undefined ? undefined : { mediaType: found[0], bytes: bytes.length };
}

export function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
