"""Uses python-etcd3 on a server and prints what it sees.

Usage: use_etcd3.py PORT [--tls CA KEY CERT] [--user NAME PASSWORD]
"""
import argparse
import io

import etcd3
import grpc


def client_of_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--tls", nargs=3, default=(None, None, None))
    parser.add_argument("--user", nargs=2, default=(None, None))
    arguments = parser.parse_args()
    ca, key, cert = arguments.tls
    user, password = arguments.user
    return etcd3.client(
        host="127.0.0.1",
        port=arguments.port,
        ca_cert=ca,
        cert_key=key,
        cert_cert=cert,
        user=user,
        password=password,
        timeout=60,
    )


def pairs(found):
    return [(meta.key, value) for value, meta in found]


def keys(client):
    first = client.put("p/a", b"\x00\xff").header.revision
    client.put("p/b", "2", prev_kv=True)
    value, meta = client.get("p/a")
    print("get", value, meta.key, meta.version, meta.mod_revision - first, meta.lease_id)
    print("get missing", client.get("p/none"))
    print("put_if_not_exists", client.put_if_not_exists("p/a", "x"), client.put_if_not_exists("p/c", "3"))
    print("replace", client.replace("p/b", "wrong", "4"), client.replace("p/b", "2", "4"))
    print("get_prefix", pairs(client.get_prefix("p/", sort_order="descend", sort_target="key")))
    print("get_range", pairs(client.get_range("p/a", "p/c")))
    print("keys_only", pairs(client.get_prefix("p/", keys_only=True)))
    print("delete", client.delete("p/c"), client.delete("p/c"))
    print("prev_kv", client.delete("p/b", prev_kv=True, return_response=True).prev_kvs[0].value)
    print("delete_prefix", client.delete_prefix("p/").deleted)


def transactions(client):
    client.put("p/t", "old")
    txn = client.transactions
    for expected in ("old", "other"):
        succeeded, responses = client.transaction(
            compare=[txn.value("p/t") == expected, txn.version("p/t") > 0, txn.create("p/none") == 0],
            success=[txn.put("p/t", "new"), txn.get("p/t")],
            failure=[txn.delete("p/t"), txn.get("p/t")],
        )
        print("txn", succeeded, pairs(responses[1]))


def leases(client):
    lease = client.lease(600)
    client.put("p/leased", "1", lease=lease)
    print("lease", lease.granted_ttl, lease.keys, 590 < lease.remaining_ttl <= 600)
    print("refresh", [response.TTL for response in lease.refresh()])
    lease.revoke()
    print("revoke", client.get("p/leased")[0], client.get_lease_info(lease.id).TTL)


def watches(client):
    events, cancel = client.watch_prefix("p/w/", prev_kv=True)
    client.put("p/w/a", "1")
    client.put("p/w/a", "2")
    client.delete("p/w/a")
    for _ in range(3):
        event = next(events)
        print("watch", type(event).__name__, event.key, event.value, event.prev_value)
    cancel()
    print("canceled", list(events))
    start = client.put("p/w/b", "1").header.revision
    events, cancel = client.watch("p/w/b", start_revision=start)
    print("from revision", next(events).value)
    cancel()


def locks(client):
    lock = client.lock("p-lock", ttl=600)
    other = client.lock("p-lock", ttl=600)
    print("lock", lock.acquire(), lock.is_acquired(), other.acquire(timeout=0), other.is_acquired())
    print("release", other.release(), lock.release(), other.acquire(timeout=0), other.release())


def maintenance(client):
    status = client.status()
    print("status", status.version.split(".")[0], status.db_size > 0, status.leader.id in [m.id for m in client.members])
    print("alarms", list(client.list_alarms()))
    revision = client.put("p/m", "1").header.revision
    client.put("p/m", "2")
    client.compact(revision + 1, physical=True)
    try:
        client.compact(revision)
    except grpc.RpcError as error:
        print("compacted", error.code(), error.details())
    events, cancel = client.watch("p/m", start_revision=1)
    try:
        next(events)
    except etcd3.exceptions.RevisionCompactedError as error:
        print("watch of compacted", error.compacted_revision - revision)
    client.defragment()
    snapshot = io.BytesIO()
    client.snapshot(snapshot)
    print("snapshot", len(snapshot.getvalue()) % 4096)


def permissions(client):
    client.put("p/a", "1")
    print("allowed", client.get("p/a")[0])
    for call in (lambda: client.put("q/a", "1"), lambda: client.get("q/a")):
        try:
            call()
        except grpc.RpcError as error:
            print("refused", error.code(), error.details())
    events, _cancel = client.watch("p/a", start_revision=1)
    print("watch", next(events).value)


def main():
    client = client_of_arguments()
    if client.call_credentials is not None:
        permissions(client)
    else:
        for part in (keys, transactions, leases, watches, locks, maintenance):
            part(client)


main()
