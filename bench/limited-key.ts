/** So far away that no request of a bench comes near. */
const far = 1_000_000_000;

/** What a key can be restricted and limited to, all at once. */
const restrictions = {
  models: ['gpt-4o*', 'claude-*'],
  networks: ['127.0.0.0/8'],
  requests_per_minute: far,
  tokens_per_minute: 1000 * far,
  concurrent_requests: 100_000,
  daily_token_budget: 1000 * far,
  monthly_token_budget: 1000 * far,
  daily_cost_budget: 1_000_000,
  monthly_cost_budget: 1_000_000,
};

/** Makes a user with such a key at the node that listens on this port, and gives the key. */
export async function makeLimitedKey(port: number, adminKey: string): Promise<string> {
  const person = { username: 'bench', password: 'correct horse battery staple', role: 'user' };
  const { id } = await made(port, adminKey, '/users', person);
  const { key } = await made(port, adminKey, '/keys', { name: 'bench', user_id: id, ...restrictions });
  if (key === undefined) throw new Error('the node made no key');
  return key;
}

async function made(
  port: number,
  adminKey: string,
  path: string,
  body: object,
): Promise<{ id?: string; key?: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as { id?: string; key?: string };
}
