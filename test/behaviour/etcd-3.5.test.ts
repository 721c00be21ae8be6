// The behaviour suite on real etcd 3.5: what it says of etcd is true.
import { describeWithEtcd } from "../support/real-etcd";
import { realEtcd } from "./runners";
import { behavesAsEtcd } from "./suite";

describeWithEtcd("3.5", "etcd 3.5", () => behavesAsEtcd(realEtcd("3.5")));
