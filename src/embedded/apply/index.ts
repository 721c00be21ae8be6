// The requests of etcd's KV service, carried out on the engine in plain messages: no gRPC, no ids in the headers.
// Requests are valid when they come here (embedded/rpc checks them). Answers to etcd's server/etcdserver/txn.
//
//   applyRange(engine, RangeRequest): RangeResponse              throws CompactedError, FutureRevisionError
//   rangeChunks(engine, RangeRequest): Generator<RangeResponse>  the messages of RangeStream, sized as etcd sizes them
//   applyPut(engine, PutRequest): PutResponse                    throws KeyNotFoundError, LeaseNotFoundError
//   applyDeleteRange(engine, DeleteRangeRequest): DeleteRangeResponse
//   applyTxn(engine, TxnRequest): TxnResponse                    throws all of the above, and then nothing has changed
//   applyCompact(engine, CompactionRequest): CompactionResponse  throws CompactedError, FutureRevisionError
export type { Engine, EngineOptions } from "./engine";
export { createEngine } from "./engine";
export { applyCompact } from "./compact";
export { applyDeleteRange } from "./delete-range";
export { KeyNotFoundError } from "./errors";
export { applyPut } from "./put";
export { applyRange, hasDefaultOrder, hasRevisionFilters } from "./range";
export { rangeChunks } from "./range-stream";
export { applyTxn } from "./txn";
