import type { Json } from '../../../kit/json.ts';
import { isBase64, sniffImage } from '../image-facts.ts';
import { type Checks, listAt, objectAt, onlyKnown, textAt } from './fields.ts';

const formats = new Set(['gif', 'jpeg', 'png', 'webp']);
const imagesMax = 10;
const imageBytesMax = 10 * 1024 * 1024;

/** `images` of a user message. */
export function checkImages(value: Json | undefined, path: string, checks: Checks): void {
  const images = listAt(value, path, checks);
  if (images.length > imagesMax) checks.improper(`${path}: holds more than ${imagesMax} images`);
  images.forEach((image, index) => checkImage(image, `${path}[${index}]`, checks));
}

function checkImage(value: Json, path: string, checks: Checks): void {
  const image = objectAt(value, path, checks);
  onlyKnown(image, ['format', 'source'], path, checks);
  const source = objectAt(image['source'], `${path}.source`, checks);
  onlyKnown(source, ['bytes'], `${path}.source`, checks);
  const format = textAt(image['format'], `${path}.format`, checks);
  if (!formats.has(format)) checks.improper(`${path}.format: "${format}" is not taken`);
  const bytes = textAt(source['bytes'], `${path}.source.bytes`, checks);
  if (!isBase64(bytes)) checks.improper(`${path}.source.bytes: is no base64`);
  const found = sniffImage(bytes);
  if (found?.mediaType !== `image/${format}`) checks.improper(`${path}: is no ${format}`);
  if ((found?.bytes ?? 0) > imageBytesMax) checks.improper(`${path}: is larger than ${imageBytesMax} bytes`);
}
