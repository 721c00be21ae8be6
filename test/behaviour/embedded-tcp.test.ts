// The behaviour suite on the embedded server over TCP, through the transport of etcdctl.
import { embeddedOverTcp } from "./runners";
import { behavesAsEtcd } from "./suite";

behavesAsEtcd(embeddedOverTcp);
