// The behaviour suite on the embedded server through its gRPC listener and our transport.
import { embeddedOverTcp } from "./runners";
import { behavesAsEtcd } from "./suite";

behavesAsEtcd(embeddedOverTcp);
