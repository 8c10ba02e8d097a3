// Compiles the options of the features that need more than their own option. Each is
// `undefined` if the site doesn't use it.

import { writeLog } from "../../connection/log.ts";
import { basicChallenge, parseBasicCredentials } from "./access/basic_auth.ts";
import type { CheckClient } from "./access/check_queue.ts";
import type { Rights } from "./access/rights.ts";
import type { Secret } from "./access/secret.ts";
import { compileUsers, parseRights, parseUsers } from "./access/users.ts";
import { LiveSite } from "./live/entrance.ts";
import type { LiveFolder } from "./live/interfaces.ts";
import type { StaticFileOptions } from "./options.ts";
import { SiteProxy } from "./proxy/entrance.ts";
import { securityHeaders } from "./response/security_headers.ts";
import { SiteRules } from "./rules/entrance.ts";
import { UploadSite } from "./upload/entrance.ts";

/** Access control. */
export interface Access {
  /** The value of WWW-Authenticate. */
  readonly challenge: string;
  /**
   * Authenticates a request.
   *
   * @param authorization The value of Authorization, `null` if it is absent.
   * @param client The client, whose checks take turns with those of others.
   * @returns The user's name, `undefined` if authentication fails, and what the user may do;
   * "busy" if too many checks wait.
   */
  check(
    authorization: string | null,
    client: CheckClient,
  ): Promise<
    | {
      readonly user: string | undefined;
      readonly rights?: Rights | undefined;
    }
    | "busy"
  >;
}

/** The folders of a site, as far as features need them. */
interface Folders {
  /** All folders, the main one first. */
  readonly mounted: readonly LiveFolder[];
  /** The hosts with separate folders. */
  readonly hosts: readonly string[];
}

/**
 * Compiles live reload.
 *
 * @param options The options.
 * @param folders The folders of the site.
 * @param secret The secret path, if the site has one.
 * @returns Live reload; `undefined` without it.
 */
export function compileLive(
  { cleanUrls = false, hosts = [], live, log }: StaticFileOptions,
  folders: Folders,
  secret: Secret | undefined,
): LiveSite | undefined {
  if (!live) return undefined;
  const say = (line: string) => {
    if (log !== "none") writeLog((secret?.mask(line) ?? line) + "\n");
  };
  return new LiveSite({
    folders: folders.mounted,
    hosts: [...hosts, ...folders.hosts],
    cleanUrls,
    say,
  });
}

/**
 * Compiles uploads.
 *
 * @param options The options.
 * @param folders The folders of the site.
 * @param rules The site's rules, whose files can't be uploaded.
 * @returns Uploads; `undefined` without them.
 */
export function compileUpload(
  { etag, hosts = [], upload, users }: StaticFileOptions,
  folders: Folders,
  rules: SiteRules | undefined,
): UploadSite | undefined {
  if (!upload) return undefined;
  return new UploadSite({
    options: upload,
    prefix: folders.mounted[0]!.prefix,
    folders: folders.mounted.map(({ folder }) => folder.path),
    hosts: [...hosts, ...folders.hosts],
    hasUsers: users !== undefined,
    contentTags: etag === "content",
    reserves: (name) => rules?.reserves(name) ?? false,
    os: Deno.build.os === "windows" ? "windows" : "posix",
  });
}

/**
 * Compiles the site's own rules.
 *
 * @param options The options.
 * @param folders The folders of the site.
 * @param proxy The proxy, to whose upstreams rules may rewrite.
 * @param secret The secret, if everything is below one.
 * @returns The rules; `undefined` without them.
 */
export function compileRules(
  { rules, redirects = [], headers = [], log }: StaticFileOptions,
  { mounted: folders }: Folders,
  proxy: SiteProxy | undefined,
  secret: Secret | undefined,
): SiteRules | undefined {
  if (rules === undefined && redirects.length + headers.length === 0) {
    return undefined;
  }
  const say = (...lines: string[]) => {
    if (log !== "none") lines.forEach((line) => writeLog(line + "\n"));
  };
  return new SiteRules({
    above: secret === undefined ? 0 : 1,
    dialect: rules,
    redirects,
    headers,
    folders,
    isProxied: (url) => proxy?.names(url) ?? false,
    say,
  });
}

/**
 * Compiles the proxy.
 *
 * @param options The options.
 * @param folders The folders of the site.
 * @returns The proxy; `undefined` without one.
 * @throws {TypeError} A value of the option is malformed.
 */
export function compileProxy(
  options: StaticFileOptions,
  folders: Folders,
): SiteProxy | undefined {
  const { proxy: rules = [], proxyTimeout: timeout = 60 } = options;
  if (rules.length === 0) return undefined;
  const { hosts = [], isolation = false, proxyCa: ca, security: preset } =
    options;
  // Those that someone has asked for. An upstream may not know its types.
  const fields = securityHeaders({ preset: preset ?? false, isolation });
  return new SiteProxy({
    rules,
    timeout,
    ca,
    hosts: [...hosts, ...folders.hosts],
    fields,
  });
}

/**
 * Compiles access control.
 *
 * @param options The options.
 * @returns Access control; `undefined` without it.
 * @throws {SyntaxError} A line of the users is malformed.
 */
export function compileAccess(
  { users, realm }: StaticFileOptions,
): Access | undefined {
  if (users === undefined) return undefined;
  const check = compileUsers(parseUsers(users), () => performance.now());
  const rights = parseRights(users);
  return {
    challenge: basicChallenge(realm),
    async check(authorization, client) {
      const credentials = parseBasicCredentials(authorization);
      if (credentials === undefined) return { user: undefined };
      const verdict = await check(credentials, client);
      if (verdict === "busy") return "busy";
      if (verdict !== "right") return { user: undefined };
      const { user } = credentials;
      return { user, rights: rights.get(user) };
    },
  };
}
