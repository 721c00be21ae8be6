"""Uses python-etcd3gw, a client of the JSON gateway, on a server and prints what it sees.

Usage: use_etcd3gw.py PORT [--tls CA KEY CERT]
"""
import argparse
import json

from etcd3gw import exceptions
from etcd3gw.client import Etcd3Client


def client_of_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--tls", nargs=3)
    arguments = parser.parse_args()
    ca, key, cert = arguments.tls or (None, None, None)
    return Etcd3Client(
        host="127.0.0.1",
        port=arguments.port,
        protocol="https" if arguments.tls else "http",
        ca_cert=ca,
        cert_key=key,
        cert_cert=cert,
        timeout=60,
        api_path="/v3/",
    )


def keys(client):
    print("put", client.put("g/a", "1"), client.put("g/b", b"\x00\xff"))
    value, meta = client.get("g/a", metadata=True)[0]
    print("get", value, meta["key"], meta["version"], sorted(meta))
    print("get missing", client.get("g/none"))
    print("create", client.create("g/a", "x"), client.create("g/c", "3"))
    print("replace", client.replace("g/c", "wrong", "4"), client.replace("g/c", "3", "4"))
    found = client.get_prefix("g/", sort_order="descend", sort_target="key")
    print("get_prefix", [(meta["key"], value) for value, meta in found])
    print("delete", client.delete("g/c"), client.delete("g/c"), client.delete_prefix("g/"))


def leases(client):
    lease = client.lease(600)
    client.put("g/leased", "1", lease=lease)
    print("lease", 590 < lease.ttl() <= 600, lease.keys(), lease.refresh())
    lease.revoke()
    print("revoke", client.get("g/leased"), lease.ttl(), lease.refresh())


def watches(client):
    start = int(client.status()["header"]["revision"]) + 1
    client.put("g/w/a", "1")
    client.delete("g/w/a")
    events, cancel = client.watch_prefix("g/w/", start_revision=start)
    for _ in range(2):
        event = next(events)
        print("watch", event.get("type"), event["kv"]["key"], event["kv"].get("value"))
    cancel()


def locks(client):
    lock = client.lock("g-lock", ttl=600)
    other = client.lock("g-lock", ttl=600)
    print("lock", lock.acquire(), other.acquire(), lock.is_acquired(), other.is_acquired())
    print("release", other.release(), lock.release(), other.acquire(), other.release())


def errors(client):
    for path, body in (
        ("/lease/revoke", {"ID": 7}),
        ("/kv/put", {"key": "", "value": ""}),
        ("/kv/range", {"key": "YQ==", "revision": 1 << 40}),
    ):
        try:
            print(client.post(client.get_url(path), json=body))
        except exceptions.Etcd3Exception as error:
            status = json.loads(error.detail_text)
            print("error", error, status["code"], status["message"])


def main():
    client = client_of_arguments()
    print("status", client.status()["version"].split(".")[0], len(client.members()))
    for part in (keys, leases, watches, locks, errors):
        part(client)


main()
