/**
 * The session that `metadata.user_id` names. Claude Code writes `user_<hash>_account_<uuid>_session_<uuid>`, newer
 * versions a JSON text `{"device_id":…,"session_id":"<uuid>"}`. Any other user_id names a person and no session.
 */
export function sessionIn(userId: string): string | undefined {
  const marked = /_session_([\w-]{8,})$/.exec(userId);
  if (marked !== null) return marked[1];
  return /"session_id"\s*:\s*"([^"\\]{8,})"/.exec(userId)?.[1];
}
