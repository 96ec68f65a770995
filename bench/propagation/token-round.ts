import type { NodeClient } from '../mesh/node-client.ts';
import { leaderOf, type Scene } from './scene.ts';

interface TokenState {
  readonly token: { readonly state: string; readonly expires_at: string | null };
}

const expiryAt = async (client: NodeClient) => (await client.json<TokenState>('/accounts/tokens')).token.expires_at;

export interface TokenRound {
  /** From the issuer's answer to the slower of the nodes that did not ask it having the new token in use. */
  readonly ms: number;
}

/** A node that does not lead asks for the refresh: the leader makes it, and the others have it from the mesh. */
export async function tokenRound(scene: Scene, round: number): Promise<TokenRound> {
  const { mesh, issuer, poll } = scene;
  const leader = await leaderOf(scene);
  const followers = mesh.nodes.filter((node) => node !== leader).map(({ client }) => client);
  const asker = followers[round % followers.length] as NodeClient;
  const before = await expiryAt(asker);
  const wanted = issuer.renewed + 1;
  let issuedMs = NaN;
  const issued = issuer.until(({ renewed }) => renewed >= wanted).then(() => (issuedMs = performance.now()));
  const seen = poll.seen(followers, async (client) => (await expiryAt(client)) !== before, 'the new token is in use');
  await asker.must('POST', '/accounts/tokens/refresh');
  await issued;
  return { ms: Math.max(...(await seen)) - issuedMs };
}
