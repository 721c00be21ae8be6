// Compaction. Always physical: when it answers, the old revisions are gone. Answers to applierV3backend.Compaction.
import type { CompactionRequest, CompactionResponse } from "../../proto/gen/etcdserverpb";
import type { Engine } from "./engine";
import { headerAt } from "./header";

export function applyCompact(
  { store }: Pick<Engine, "store">,
  request: CompactionRequest,
): CompactionResponse {
  store.compact(Number(request.revision));
  return { header: headerAt(store.revision) };
}
