/**
 * Node's HTTP without the copy of undici that stands behind it. An `import` of node:http reads every property of it, and
 * those of the browser's WebSocket load the whole of undici (800 KB of source): 12 MB of resident memory and a tenth of
 * the start. Taken so, nothing but what is named here is read. Types come from node:http as ever.
 */
export const { createServer, get, OutgoingMessage, request, STATUS_CODES } = process.getBuiltinModule('node:http');
