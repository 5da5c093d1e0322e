import type { Act } from '../core/act.ts';
import type { Request } from '../requests/option.ts';
import type { TOKEN_OPTIONS } from '../requests/token-request.ts';
import { refuseRequest } from '../requests/unusable-request.ts';
import { formatDuration } from '../settings/duration.ts';
import type { AuditLog } from '../store/redis/audit-log.ts';
import type { TokenStore } from './token-store.ts';

export interface TokenContext {
  tokens: TokenStore;
  audit: AuditLog;
  now: () => number;
}

/**
 * Returns what the program has to send; it cannot be shown again. A second run is refused, because the name is taken.
 * @throws UnusableRequest when the name is taken, or when there are too many tokens.
 */
export async function issueToken(
  { tokens, audit, now }: TokenContext,
  { name, scope, expires, perMinute }: Request<typeof TOKEN_OPTIONS>,
  { who, reason }: Act,
): Promise<string> {
  const createdAtMs = now();
  const expiresAtMs = expires === null ? null : createdAtMs + expires;
  const draft = { name, scope, createdAtMs, createdBy: who, expiresAtMs, perMinute };
  const created = await tokens.create(draft);
  if (created.kind === 'taken') {
    throw refuseRequest(
      'name',
      `There is a token ${name} already. Revoke it, or use another name.`,
    );
  }
  if (created.kind === 'too_many') {
    throw refuseRequest(null, `There are ${created.max} tokens already. Revoke some first.`);
  }
  const life = expires === null ? '' : ` for ${formatDuration(expires)}`;
  const what = `created the token ${name} with the scope ${scope}${life}`;
  await audit.add({ atMs: createdAtMs, who, what, reason });
  return created.text;
}

/** False when there is no such token. May run twice. */
export async function revokeToken(
  { tokens, audit, now }: TokenContext,
  name: string,
  { who, reason }: Act,
): Promise<boolean> {
  const isRevoked = await tokens.revoke(name);
  if (isRevoked) await audit.add({ atMs: now(), who, what: `revoked the token ${name}`, reason });
  return isRevoked;
}
