export { encodeOciChat } from './encode-oci-chat.ts';
export type { EncodedOciChat, OciApiFormat, OciChatTarget } from './contract.ts';
