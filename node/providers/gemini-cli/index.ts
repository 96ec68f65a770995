export { geminiProvider } from './provider.ts';
