// The behaviour suite on real etcd 3.4, which shows that the suite describes etcd correctly.
import { describeWithEtcd } from "../support/real-etcd";
import { realEtcd } from "./runners";
import { behavesAsEtcd } from "./suite";

describeWithEtcd("3.4", "etcd 3.4", () => behavesAsEtcd(realEtcd("3.4")));
