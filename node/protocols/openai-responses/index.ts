export { openaiResponsesProtocol } from './client.ts';
