export { anthropicProtocol } from './client.ts';
export { withoutForeignThinking } from './strip-foreign-thinking.ts';
export { anthropicDialect } from './upstream.ts';
