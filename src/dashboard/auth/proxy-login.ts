import type { DashboardContext, Role, User } from '../dashboard-env.ts';
import type { Refusal } from '../pages/refusal.ts';

export interface ProxyLoginOptions {
  /** The header with the name of the person. */
  nameHeader: string;
  /** The header with the groups of the person, separated by commas. */
  groupsHeader: string;
  /** Members are operators; `*` is everyone. */
  operatorGroups: readonly string[];
  /** Members are viewers. Null: everyone whom the proxy lets in. */
  viewerGroups: readonly string[] | null;
}

type Found = { kind: 'user'; user: User } | Extract<Refusal, { kind: 'not_by_proxy' }>;

/**
 * No blanks, so that no name looks like a token in histories; no commas, so that two headers do not become one name.
 */
const NAME = /^[\p{L}\p{N}._@+|:-]{1,100}$/u;

/**
 * People who have logged in at a reverse proxy, such as oauth2-proxy. Its headers count only in requests that it has
 * passed on.
 */
export class ProxyLogin {
  readonly #options: ProxyLoginOptions;

  constructor(options: ProxyLoginOptions) {
    this.#options = options;
  }

  identify({ req, var: { isFromProxy } }: DashboardContext): Found {
    const { nameHeader, groupsHeader } = this.#options;
    if (!isFromProxy) {
      return refused('People log in at the reverse proxy of this dashboard; open its address.');
    }
    const name = req.header(nameHeader)?.trim() ?? '';
    if (name === '') return refused(`The reverse proxy does not say who you are (${nameHeader}).`);
    if (!NAME.test(name)) {
      return refused(
        `The name in ${nameHeader} has characters that are not allowed in names here.`,
      );
    }
    const groups = (req.header(groupsHeader) ?? '').split(',').map((group) => group.trim());
    const role = this.#roleOf(groups);
    if (role === null)
      return refused(`${name} is in none of the groups that may use this dashboard.`);
    return { kind: 'user', user: { name, role } };
  }

  #roleOf(groups: readonly string[]): Role | null {
    const { operatorGroups, viewerGroups } = this.#options;
    if (isOneOf(groups, operatorGroups)) return 'operator';
    return viewerGroups === null || isOneOf(groups, viewerGroups) ? 'viewer' : null;
  }
}

const isOneOf = (groups: readonly string[], wanted: readonly string[]): boolean =>
  wanted.includes('*') || groups.some((group) => wanted.includes(group));

const refused = (sentence: string): Found => ({ kind: 'not_by_proxy', sentence });
