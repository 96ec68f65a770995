export { kiroProvider } from './provider.ts';
