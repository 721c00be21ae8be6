// A piece of the manifest: leases. Data only; cli/manifest/root.ts puts the pieces together.
import { leaf, parent } from "./node";

export const lease = parent("lease", "Leases: keys that go away when nobody renews them", [
  leaf("grant", "<ttl>", "Make a lease of so many seconds", () => import("../../commands/lease/grant")),
  leaf(
    "revoke",
    "<lease_id>",
    "End a lease and delete its keys",
    () => import("../../commands/lease/revoke"),
  ),
  leaf(
    "timetolive",
    "<lease_id>",
    "Show what is left of a lease",
    () => import("../../commands/lease/timetolive"),
  ),
  leaf("list", "", "List all leases", () => import("../../commands/lease/list")),
  leaf(
    "keep-alive",
    "<lease_id>",
    "Renew a lease until told to stop",
    () => import("../../commands/lease/keep-alive"),
  ),
]);
