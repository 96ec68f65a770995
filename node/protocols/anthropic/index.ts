export { anthropicProtocol } from './client.ts';
export { anthropicDialect } from './upstream.ts';
