// A piece of the manifest: users, roles and auth. Data only; cli/manifest/root.ts puts the pieces together.
import { leaf, parent } from "./node";

export const auth = parent("auth", "Turn authentication on and off", [
  leaf("status", "", "Show whether authentication is on", () => import("../../commands/auth/status")),
  leaf("enable", "", "Turn authentication on", () => import("../../commands/auth/enable")),
  leaf("disable", "", "Turn authentication off", () => import("../../commands/auth/disable")),
]);

export const user = parent("user", "Users", [
  leaf("add", "<name or name:password>", "Make a user", () => import("../../commands/user/add")),
  leaf("delete", "<user>", "Delete a user", () => import("../../commands/user/delete")),
  leaf("get", "<user>", "Show the roles of a user", () => import("../../commands/user/get")),
  leaf("list", "", "List all users", () => import("../../commands/user/list")),
  leaf("passwd", "<user>", "Change the password of a user", () => import("../../commands/user/passwd")),
  leaf(
    "grant-role",
    "<user> <role>",
    "Give a role to a user",
    () => import("../../commands/user/grant-role"),
  ),
  leaf(
    "revoke-role",
    "<user> <role>",
    "Take a role from a user",
    () => import("../../commands/user/revoke-role"),
  ),
]);

export const role = parent("role", "Roles: what users may read and write", [
  leaf("add", "<name>", "Make a role", () => import("../../commands/role/add")),
  leaf("delete", "<role>", "Delete a role", () => import("../../commands/role/delete")),
  leaf("get", "<role>", "Show what a role may do", () => import("../../commands/role/get")),
  leaf("list", "", "List all roles", () => import("../../commands/role/list")),
  leaf(
    "grant-permission",
    "<role> <read|write|readwrite> <key> [range_end]",
    "Let a role read or write keys",
    () => import("../../commands/role/grant-permission"),
  ),
  leaf(
    "revoke-permission",
    "<role> <key> [range_end]",
    "Take a permission from a role",
    () => import("../../commands/role/revoke-permission"),
  ),
]);
