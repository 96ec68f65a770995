export { geminiProtocol } from './client.ts';
