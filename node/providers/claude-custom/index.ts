export { claudeCustomProvider } from './provider.ts';
