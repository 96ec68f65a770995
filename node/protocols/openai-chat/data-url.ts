export interface DataUrl {
  mediaType: string | undefined;
  /** Base64. */
  data: string;
}

/** Long enough for every media type with parameters; keeps the search off the megabytes that follow. */
const headerLengthMax = 256;

/** Splits `data:image/png;base64,…`; percent-encoded data becomes base64. Undefined when it is not a data URL. */
export function splitDataUrl(url: string): DataUrl | undefined {
  if (url.slice(0, 5).toLowerCase() !== 'data:') return undefined;
  const comma = url.slice(0, headerLengthMax).indexOf(',');
  if (comma < 0) return undefined;
  const [mediaType = '', ...parameters] = url.slice(5, comma).split(';');
  const payload = url.slice(comma + 1);
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === 'base64');
  const data = isBase64 ? payload : percentToBase64(payload);
  return data === undefined ? undefined : { mediaType: normaliseMediaType(mediaType), data };
}

export function joinDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

/** Anthropic and Gemini compare the name with the bytes: `image/jpg` is no registered type. */
function normaliseMediaType(mediaType: string): string | undefined {
  const trimmed = mediaType.trim().toLowerCase();
  if (trimmed === '') return undefined;
  return trimmed === 'image/jpg' ? 'image/jpeg' : trimmed;
}

function percentToBase64(payload: string): string | undefined {
  try {
    return Buffer.from(decodeURIComponent(payload), 'utf8').toString('base64');
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
