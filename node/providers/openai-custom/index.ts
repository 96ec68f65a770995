export { openaiCustomProvider } from './provider.ts';
