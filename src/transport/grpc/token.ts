// The auth token of every call. The client gets it with user and password, or the caller provides it.
// Go: client/v3/client.go (getToken), client/v3/retry_interceptor.go (shouldRefreshToken), client/v3/credentials/credentials.go
import type { Clock } from "../../clock";
import type { EtcdError } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { AuthService } from "../../proto/gen/etcdserverpb";
import type { Lifetime } from "../lifetime";
import type { Credentials } from "../transport";

/** A stream starts with a token of at most this age, because the stream may outlast the token. The shortest TTL is 1 s. */
const maxStreamTokenAgeMs = 1000;

export type Authenticate = (
  request: { name: string; password: string },
  lifetime: Lifetime,
) => Promise<{ token: string }>;

export const authenticateMethod = AuthService.authenticate;

export class Token {
  value: string | undefined;
  private readonly login: { name: string; password: string } | undefined;
  private refreshedAt = -Infinity;
  private refreshing: Promise<void> | undefined;

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

  /** Gets a new token if there is a user. Parallel calls share one login. */
  async refresh(lifetime: Lifetime): Promise<void> {
    if (!this.login) return;
    this.refreshing ??= this.logIn(this.login, lifetime).finally(() => (this.refreshing = undefined));
    await this.refreshing;
  }

  async refreshForStream(lifetime: Lifetime): Promise<void> {
    if (this.clock.now() - this.refreshedAt > maxStreamTokenAgeMs) await this.refresh(lifetime);
  }

  /** Whether the call may succeed after `refresh`. `refreshed`: this call already did that once. */
  shouldRefresh(error: EtcdError, refreshed: boolean): boolean {
    // Another client has changed the auth data. A user of a client certificate needs no token, only another attempt.
    if (isServerError(error, "authOldRevision")) return this.login !== undefined || this.value === undefined;
    if (!this.login || refreshed) return false;
    return isServerError(error, "invalidAuthToken") || isServerError(error, "userEmpty");
  }

  private async logIn(login: { name: string; password: string }, lifetime: Lifetime): Promise<void> {
    try {
      this.value = (await this.authenticate(login, lifetime)).token;
      this.refreshedAt = this.clock.now();
    } catch (error) {
      if (!isServerError(error, "authNotEnabled")) throw error;
      this.value = undefined;
    }
  }
}
