export { amazonqProvider } from './provider.ts';
