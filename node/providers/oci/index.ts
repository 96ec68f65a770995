export { ociProvider } from './provider.ts';
