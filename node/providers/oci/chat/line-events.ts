const lineFeed = 0x0a;

/**
 * The bytes with an empty line behind every line, so that each line of data is an event of its own: some captures of
 * these streams have one line feed between events in place of two. No event here has more than one line.
 */
export function lineEvents(bytes: Uint8Array): Uint8Array {
  let feeds = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) feeds++;
  if (feeds === 0) return bytes;
  const spaced = Buffer.allocUnsafe(bytes.length + feeds);
  let start = 0;
  let written = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, start)) {
    spaced.set(bytes.subarray(start, at + 1), written);
    written += at + 1 - start;
    spaced[written++] = lineFeed;
    start = at + 1;
  }
  spaced.set(bytes.subarray(start), written);
  return spaced;
}
