import { isJsonObject, type Json, type JsonObject, parseJsonObject } from '../../../kit/json.ts';
import type { RelayOptions, RelayPhase, StreamRelay } from '../contract.ts';
import { renameModel } from '../rename-model.ts';
import { type RelayEvent, type RelayNotes, type RelayReader, SseRelay } from '../sse-relay.ts';
import { faultOfErrorEvent } from './errors.ts';
import { mergeWireUsage, usageOf } from './schema.ts';

/** A stream of Anthropic events on its way from an Anthropic upstream to an Anthropic client. */
export function openRelay(options: RelayOptions): StreamRelay {
  return new SseRelay(new AnthropicRelayReader(options), options);
}

/** `message_delta` counts tokens, `message_stop` ends; errors say `"type":"error"`. */
const needles = [Buffer.from('message_'), Buffer.from('"error"')];

class AnthropicRelayReader implements RelayReader {
  readonly needles = needles;
  readonly #rename: RelayOptions['renameModel'];
  #wireUsage: JsonObject = {};

  constructor(options: RelayOptions) {
    this.#rename = options.renameModel;
  }

  read(name: string | undefined, data: string, notes: RelayNotes): RelayEvent {
    // Not for the relay to judge: bytes that are no event of ours go through as they are.
    const event = parseJsonObject(data);
    const type = event?.['type'] ?? name;
    switch (type) {
      case 'message_start':
        this.#noteStart(isJsonObject(event?.['message']) ? event['message']['usage'] : undefined, notes);
        return 'before';
      case 'content_block_start':
        return beginsContent(event?.['content_block']) ? 'content' : 'before';
      case 'content_block_delta':
        return 'content';
      case 'message_delta':
        // No `usage`: the client always gets it here, and the event carries the stop reason as well.
        this.#noteUsage(event?.['usage'], notes);
        return 'content';
      case 'message_stop':
        if (notes.usage.outputTotal === undefined) notes.usage = usageOf(this.#wireUsage);
        return 'terminal';
      case 'error':
        notes.fault = faultOfErrorEvent(event ?? data);
        return 'error';
      default:
        return 'before';
    }
  }

  /** The output that is counted before there is any is no count of it, unless no other comes. */
  #noteStart(wire: Json | undefined, notes: RelayNotes): void {
    this.#noteUsage(wire, notes);
    const { outputTotal: _, ...usage } = notes.usage;
    notes.usage = usage;
  }

  #noteUsage(wire: Json | undefined, notes: RelayNotes): void {
    if (!isJsonObject(wire)) return;
    this.#wireUsage = mergeWireUsage(this.#wireUsage, wire);
    notes.usage = usageOf(this.#wireUsage);
  }

  /** The name stands in message_start alone, which comes before content; whatever it is, as in whole answers. */
  edit(bytes: Buffer, phase: RelayPhase): Buffer {
    if (this.#rename === undefined || phase !== 'opening') return bytes;
    return renameModel(bytes, '', this.#rename.to);
  }
}

/** Text and thinking begin empty and show themselves with their first delta; everything else is there at once. */
function beginsContent(block: Json | undefined): boolean {
  return isJsonObject(block) && block['type'] !== 'text' && block['type'] !== 'thinking';
}
