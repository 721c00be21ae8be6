// One get of all keys: many small keys or fewer large keys, as text and as JSON.
import { fill, find, ours, startEtcd } from "../support/programs.mjs";

const trial = (name, description, data, flags) => ({
  name: `bulk-get/${name}`,
  description,
  rounds: 7,
  async setUp() {
    const etcd = await startEtcd();
    const go = find("etcdctl");
    if (!etcd || !go) return { skip: "no etcd and etcdctl in ETCD_BIN_DIR or PATH" };
    await fill(etcd.endpoint, data);
    const args = ["--endpoints", etcd.endpoint, "get", "", "--prefix", ...flags];
    return {
      programs: [
        { name: "Go etcdctl", argv: [go, ...args] },
        { name: "ours", argv: [...ours, ...args] },
      ],
      tearDown: () => etcd.stop(),
    };
  },
});

const small = { count: 100_000, keySize: 30, valueSize: 100 };
const large = { count: 20_000, keySize: 30, valueSize: 4096 };
const tenfold = { count: 1_000_000, keySize: 30, valueSize: 100 };

export default [
  trial("small-simple", "100k keys of 30 + 100 B", small, []),
  trial("small-keys-only", "100k keys, --keys-only", small, ["--keys-only"]),
  trial("small-json", "100k keys, -w json", small, ["-w", "json"]),
  trial("large-simple", "20k keys of 30 B + 4 KiB", large, []),
  trial("large-json", "20k keys, -w json", large, ["-w", "json"]),
  trial(
    "tenfold-simple",
    "1M keys of 30 + 100 B; peak memory must not grow with the number of keys",
    tenfold,
    [],
  ),
];
