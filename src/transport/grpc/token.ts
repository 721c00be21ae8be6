// The auth token that goes with every call: fetched with user and password, or given. Answers to clientv3's getToken,
// shouldRefreshToken and credentials.
import type { Clock } from "../../clock";
import type { EtcdError } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { AuthService } from "../../proto/gen/etcdserverpb";
import type { Lifetime } from "../lifetime";
import type { Credentials } from "../transport";

/** A stream takes a fresh token, since it may outlive the old one. The shortest life that etcd gives a token is a second. */
const freshMs = 1000;

export type Authenticate = (
  request: { name: string; password: string },
  lifetime: Lifetime,
) => Promise<{ token: string }>;

export const authenticateMethod = AuthService.authenticate;

export class Token {
  value: string | undefined;
  private readonly login: { name: string; password: string } | undefined;
  private fetchedMs = -Infinity;
  private fetching: Promise<void> | undefined;

  constructor(
    credentials: Credentials | undefined,
    private readonly authenticate: Authenticate,
    private readonly clock: Clock,
  ) {
    if (!credentials) return;
    if ("token" in credentials) this.value = credentials.token || undefined;
    else if (credentials.user && credentials.password) {
      this.login = { name: credentials.user, password: credentials.password };
    }
  }

  /** Fetches a token when there is a user to fetch one for; calls at the same time share one. */
  async refresh(lifetime: Lifetime): Promise<void> {
    if (!this.login) return;
    this.fetching ??= this.fetchNow(this.login, lifetime).finally(() => (this.fetching = undefined));
    await this.fetching;
  }

  async refreshForStream(lifetime: Lifetime): Promise<void> {
    if (this.clock.now() - this.fetchedMs > freshMs) await this.refresh(lifetime);
  }

  /** Whether the call may succeed after another `fetch`. `refreshed`: it was tried for this call already. */
  shouldRefresh(error: EtcdError, refreshed: boolean): boolean {
    // Another client has changed the auth data meanwhile; with a certificate for a user, trying again is enough.
    if (isServerError(error, "authOldRevision")) return this.login !== undefined || this.value === undefined;
    if (!this.login || refreshed) return false;
    return isServerError(error, "invalidAuthToken") || isServerError(error, "userEmpty");
  }

  private async fetchNow(login: { name: string; password: string }, lifetime: Lifetime): Promise<void> {
    try {
      this.value = (await this.authenticate(login, lifetime)).token;
      this.fetchedMs = this.clock.now();
    } catch (error) {
      if (!isServerError(error, "authNotEnabled")) throw error;
      this.value = undefined;
    }
  }
}
