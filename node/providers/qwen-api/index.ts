export { qwenProvider } from './provider.ts';
