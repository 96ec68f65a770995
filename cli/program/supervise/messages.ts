/** What a supervised node and its supervisor say to each other over the channel of child processes. */

/** A node's facts for the banner. */
export interface NodeFacts {
  /** Where clients come; shared by workers. */
  readonly url: string;
  /** An address of this node alone. */
  readonly ownUrl: string;
  readonly nodeId: string;
  readonly accounts: readonly { id: string; provider: string; enabled: boolean }[];
  readonly dataDir: string;
  /** Only at the start that made it. */
  readonly apiKey?: string | undefined;
}

/** A user that the first start of all made, with the password that is shown this once. */
export interface AdminFacts {
  readonly username: string;
  readonly password: string;
}

export type FromNode =
  | { readonly aiproxy: 'listening'; readonly facts: NodeFacts }
  /** It wants requests: `/health/ready` says 200. */
  | { readonly aiproxy: 'ready' }
  | { readonly aiproxy: 'admin'; readonly admin: AdminFacts };

export type ToNode = { readonly aiproxy: 'stop' };

/** Undefined for what is not ours. */
export function fromNode(message: unknown): FromNode | undefined {
  return isOurs(message) && ['listening', 'ready', 'admin'].includes(String(message.aiproxy))
    ? (message as FromNode)
    : undefined;
}

export function isStop(message: unknown): boolean {
  return isOurs(message) && message.aiproxy === 'stop';
}

function isOurs(message: unknown): message is { aiproxy: unknown } {
  return typeof message === 'object' && message !== null && 'aiproxy' in message;
}
