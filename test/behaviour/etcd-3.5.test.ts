// The behaviour suite on real etcd 3.5, which shows that the suite describes etcd correctly.
import { describeWithEtcd } from "../support/real-etcd";
import { realEtcd } from "./runners";
import { behavesAsEtcd } from "./suite";

describeWithEtcd("3.5", "etcd 3.5", () => behavesAsEtcd(realEtcd("3.5")));
