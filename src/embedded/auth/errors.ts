// What the auth store refuses, named as the server's table of errors names it (transport/error-table.ts), which the RPC
// layer turns it into. Answers to the errors of etcd's server/auth/store.go.

export type AuthRefusal =
  | "rootUserNotExist"
  | "rootRoleNotExist"
  | "userAlreadyExist"
  | "userEmpty"
  | "userNotFound"
  | "roleAlreadyExist"
  | "roleNotFound"
  | "roleEmpty"
  | "authFailed"
  | "permissionNotGiven"
  | "permissionDenied"
  | "roleNotGranted"
  | "permissionNotGranted"
  | "authNotEnabled"
  | "invalidAuthToken"
  | "invalidAuthManagement";

export class AuthError extends Error {
  override name = "AuthError";
  constructor(readonly refusal: AuthRefusal) {
    super(`auth: ${refusal}`);
  }
}

/** Has no place in etcd's table: clients see its text with the code Unknown. */
export class NoPasswordUserError extends Error {
  override name = "NoPasswordUserError";
  constructor() {
    super("auth: authentication failed, password was given for no password user");
  }
}
