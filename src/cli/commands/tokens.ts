import type { Command } from 'commander';
import type { Request } from '../../lib/requests/option.ts';
import { TOKEN_OPTIONS } from '../../lib/requests/token-request.ts';
import { UnusableRequest } from '../../lib/requests/unusable-request.ts';
import { issueToken, revokeToken, type TokenContext } from '../../lib/tokens/issue-token.ts';
import type { ListedToken } from '../../lib/tokens/token-store.ts';
import { whoAmI } from '../../library/wiring/who.ts';
import { addRequestFlags, requestFrom } from '../options/request-flags.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { formatTime } from '../show/summary.ts';
import { type RedisCommand, withBatches } from './with-redis.ts';

interface JsonFlag {
  json: boolean;
}

export function addTokensCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const tokens = program
    .command('tokens')
    .description('Creates, lists and revokes the tokens with which programs use the API.')
    .addHelpText(
      'after',
      '\nExample:\n  kling-sessions tokens create --name ci --scope read --expires 90d' +
        '\n  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:4270/api/v1/batches',
    );
  const create = tokens
    .command('create')
    .description('Creates a token and prints it. It cannot be shown again.')
    .option('--json', 'print it as JSON', false);
  withBatches(addRequestFlags(create, TOKEN_OPTIONS), onExit, createToken);
  const list = tokens
    .command('list', { isDefault: true })
    .description('Lists the tokens by name, each with its last use.')
    .option('--json', 'one JSON object per line', false);
  withBatches(list, onExit, listTokens);
  const revoke = tokens
    .command('revoke')
    .description('Ends a token at once.')
    .argument('<name>', 'the name of the token');
  withBatches(revoke, onExit, endToken);
}

const contextOf = ({ stores }: RedisCommand): TokenContext => ({ ...stores, now: Date.now });
const act = () => ({ who: whoAmI(), reason: null });

async function createToken(query: RedisCommand, flags: JsonFlag): Promise<ExitCode> {
  // Commander has parsed and completed them.
  const request = requestFrom(TOKEN_OPTIONS, flags) as Request<typeof TOKEN_OPTIONS>;
  const token = await issueToken(contextOf(query), request, act()).catch((error: unknown) => {
    throw error instanceof UnusableRequest ? new CliError(EXIT.usage, error.message) : error;
  });
  const { terminal } = query;
  terminal.print(flags.json ? JSON.stringify({ name: request.name, token }) : token);
  terminal.say('Keep it in a safe place: it cannot be shown again.');
  return EXIT.ok;
}

async function listTokens({ stores, terminal }: RedisCommand, flags: JsonFlag): Promise<ExitCode> {
  const tokens = await stores.tokens.list();
  for (const { digest: _, ...token } of tokens) {
    terminal.print(flags.json ? JSON.stringify(token) : describe(token));
  }
  if (tokens.length === 0) {
    terminal.say('There are no tokens yet; `kling-sessions tokens create` creates one.');
  }
  return EXIT.ok;
}

function describe(token: Omit<ListedToken, 'digest'>): string {
  const { name, scope, createdAtMs, createdBy, expiresAtMs, lastUsedAtMs } = token;
  const isExpired = expiresAtMs !== null && expiresAtMs <= Date.now();
  const end =
    expiresAtMs === null ? '' : `${isExpired ? 'expired' : 'expires'} ${formatTime(expiresAtMs)}`;
  return [
    name.padEnd(20),
    scope.padEnd(7),
    `created ${formatTime(createdAtMs)} by ${createdBy}`,
    lastUsedAtMs === null ? 'never used' : `last used ${formatTime(lastUsedAtMs)}`,
    ...(end === '' ? [] : [end]),
  ].join('  ');
}

async function endToken(query: RedisCommand, _flags: object, name = ''): Promise<ExitCode> {
  if (!(await revokeToken(contextOf(query), name, act()))) {
    throw new CliError(
      EXIT.usage,
      `There is no token ${name}; \`kling-sessions tokens\` lists them.`,
    );
  }
  query.terminal.print(`The token ${name} is revoked.`);
  return EXIT.ok;
}
